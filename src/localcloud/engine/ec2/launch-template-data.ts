/** A version's data, by the member names of the API (`RequestLaunchTemplateData`). Members that the engine does not act on are kept as they came. */
export interface LaunchTemplateData {
  ImageId?: string;
  InstanceType?: string;
  KeyName?: string;
  UserData?: string;
  EbsOptimized?: boolean;
  DisableApiTermination?: boolean;
  InstanceInitiatedShutdownBehavior?: string;
  SecurityGroupIds?: string[];
  SecurityGroups?: string[];
  IamInstanceProfile?: { Arn?: string; Name?: string };
  Monitoring?: { Enabled?: boolean };
  Placement?: { AvailabilityZone?: string };
  NetworkInterfaces?: { SubnetId?: string; Groups?: string[] }[];
  MetadataOptions?: {
    HttpTokens?: string;
    HttpPutResponseHopLimit?: number;
    HttpEndpoint?: string;
    InstanceMetadataTags?: string;
  };
  BlockDeviceMappings?: {
    DeviceName?: string;
    NoDevice?: string;
    Ebs?: {
      VolumeSize?: number;
      VolumeType?: string;
      Iops?: number;
      Throughput?: number;
      Encrypted?: boolean;
      KmsKeyId?: string;
      SnapshotId?: string;
      DeleteOnTermination?: boolean;
    };
  }[];
  CreditSpecification?: { CpuCredits?: string };
  InstanceMarketOptions?: {
    MarketType?: string;
    SpotOptions?: {
      MaxPrice?: string;
      SpotInstanceType?: string;
      ValidUntil?: string;
      InstanceInterruptionBehavior?: string;
    };
  };
  TagSpecifications?: { ResourceType?: string; Tags?: { Key?: string; Value?: string }[] }[];
  [member: string]: unknown;
}
