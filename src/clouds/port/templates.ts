import type { RootVolume } from './instances.ts';
import type { Tags } from './tags.ts';

/** What a launch template version says. Compared field by field to find out whether a new version is needed. */
export interface LaunchSettings {
  imageId: string;
  instanceType: string;
  instanceProfile?: string;
  securityGroupIds: string[];
  keyName?: string;
  monitoring: boolean;
  ebsOptimized: boolean;
  rootVolume?: RootVolume & { device: string };
  userData: string;
  /** On instances and volumes. */
  tags: Tags;
}

export interface LaunchTemplate {
  id: string;
  name: string;
  defaultVersion: number;
  latestVersion: number;
  tags: Tags;
}

export interface LaunchTemplateVersion {
  version: number;
  description: string;
  createdAt: number;
  settings: LaunchSettings;
}

export interface LaunchTemplates {
  findByName(name: string): Promise<LaunchTemplate | undefined>;
  /** Creates the template with its version 1. */
  create(request: {
    token: string;
    name: string;
    description: string;
    settings: LaunchSettings;
    tags: Tags;
  }): Promise<LaunchTemplate>;
  /** A new version with these settings; from `source`, what `settings` does not name is kept (templates of other makers). */
  createVersion(request: {
    token: string;
    templateId: string;
    source?: number;
    description: string;
    settings: Partial<LaunchSettings>;
  }): Promise<number>;
  /** One version, or undefined. */
  findVersion(templateId: string, version: number): Promise<LaunchTemplateVersion | undefined>;
  /** All versions, newest first. */
  versions(templateId: string): Promise<LaunchTemplateVersion[]>;
  /** The default and the latest version of every launch template of the account in this region. */
  current(): Promise<{ template: string; version: number; imageId: string }[]>;
  remove(templateId: string): Promise<void>;
}
