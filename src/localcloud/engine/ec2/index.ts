import type { Engine } from '../engine.ts';
import { baseImageId } from './images.ts';
import { defaultVpc } from './network.ts';

/** Puts EC2 into an engine: its default network and base image, its state machines, its ears on the runtime. */
export function installEc2(engine: Engine): void {
  defaultVpc(engine);
  baseImageId(engine);
}
