import { usageError } from '../run/errors.ts';

/**
 * User data for cloud-init: `everyBoot` runs early at every boot (a boothook), `firstBoot` at the end of the first one. Both are scripts
 * with their #! line. Fails (exit code 2) when it is longer than `largest` bytes.
 */
export function userDataOf(everyBoot: string, firstBoot: string, largest: number): string {
  const text = firstBoot === '' ? `#cloud-boothook\n${everyBoot}` : multipart(everyBoot, firstBoot);
  const bytes = Buffer.byteLength(text);
  if (bytes <= largest) return text;
  throw usageError(
    `the user data of a machine makes ${bytes} bytes; the cloud takes at most ${largest}`,
    'Let image.test.userData fetch what it needs.',
  );
}

function multipart(everyBoot: string, firstBoot: string): string {
  let boundary = '==bake==';
  while (`${everyBoot}${firstBoot}`.includes(boundary)) boundary += '=';
  const part = (type: string, script: string) => {
    const plain = /^[\t\n\r -~]*$/.test(script);
    return `--${boundary}
Content-Type: text/${type}; charset="utf-8"
Content-Transfer-Encoding: ${plain ? '7bit' : 'base64'}

${plain ? script : Buffer.from(script).toString('base64').replace(/.{76}/g, '$&\n')}
`;
  };
  return `Content-Type: multipart/mixed; boundary="${boundary}"
MIME-Version: 1.0

${part('cloud-boothook', everyBoot)}${part('x-shellscript', firstBoot)}--${boundary}--
`;
}
