import type { Engine } from './engine/engine.ts';
import type { Service } from './wire/service.ts';
import { stsService } from './wire/sts/index.ts';

/** Everything that the embedded cloud offers: puts each part's state machines into the engine and returns the services. */
export function installServices(_engine: Engine): Service[] {
  return [stsService()];
}
