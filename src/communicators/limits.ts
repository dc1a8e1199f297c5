/** Most bytes of one upload, before compression, and what to do about more. */
export interface UploadLimit {
  bytes: number;
  hint: string;
}

const LESS = 'Leave out what the image does not need with `ignore`';

/** In commands of 64 KB: it takes minutes then. */
export const BY_COMMANDS: UploadLimit = {
  bytes: 20 * 1024 ** 2,
  hint: `${LESS}, or name an S3 bucket in image.builder.stagingBucket.`,
};

/** As one file. */
export const BY_FILE: UploadLimit = {
  bytes: 1024 ** 3,
  hint: `${LESS}, or let a script fetch it.`,
};
