import type { Cloud } from './cloud.ts';

/**
 * How long user data may be, in bytes before base64. AWS: "User data is limited to 16 KB, in raw form" (EC2 user guide). Alibaba Cloud:
 * 32 KB before encoding (RunInstances, UserData).
 */
export const LARGEST_USER_DATA: Record<Cloud['kind'], number> = { aws: 16 * 1024, alicloud: 32 * 1024 };
