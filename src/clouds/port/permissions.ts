import type { Tags } from './tags.ts';

/** What a rollout is going to do, as far as it decides what has to be allowed. */
export interface RolloutWork {
  strategy: 'rolling' | 'blue-green';
  /** The group that is refreshed, or copied. */
  group: string;
  /** The launch template version that the group runs. */
  template: { id: string; version: number };
  /** What it would launch. */
  imageId: string;
  /** A launch template version has to be made for it. */
  newVersion: boolean;
  /** Instances get an instance profile. */
  instanceProfile: boolean;
  /** Holds the fleet between its steps: there are gates. */
  holds: boolean;
  /** How traffic moves to the other colour. */
  route?: 'queue' | 'target-group' | 'weights';
  /** Sends test messages to a queue. */
  messages: boolean;
  /** Runs commands on instances. */
  commands: boolean;
}

/** What a build is going to launch, as far as it decides what has to be allowed. */
export interface BuildWork {
  /** The base image. */
  imageId: string;
  rootDevice: string;
  instanceType: string;
  subnetId?: string;
  instanceProfile?: string;
  communicator: 'ssm' | 'ssh';
  /** As on every builder: policies may ask for them. */
  tags: Tags;
}

/** One action that the caller has to be allowed, by the cloud's own name for it. */
export interface NeededAction {
  /** "autoscaling:StartInstanceRefresh" */
  action: string;
  /** What for. */
  purpose: string;
  /** What the cloud answered when it was asked without doing it (AWS: DryRun); undefined where it cannot be asked, or did not say. */
  allowed?: boolean;
  /** Its words where it did not say yes. */
  answer?: string;
  /** Policies that come with bake and grant it. */
  policies: string[];
}

export interface Permissions {
  /** Every action of a build that changes something. Asks where the cloud can be asked; changes nothing. */
  forBuild(work: BuildWork): Promise<NeededAction[]>;
  /** Every action of a rollout that changes something, also on the way back. Asks where the cloud can be asked; changes nothing. */
  forRollout(work: RolloutWork): Promise<NeededAction[]>;
}
