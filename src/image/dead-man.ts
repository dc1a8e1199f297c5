/**
 * The dead man's switch: a machine that shuts itself down after `ms`, whatever has become of bake. With
 * AWS: InstanceInitiatedShutdownBehavior=terminate that is the end of it. Nothing is written to the disk, which becomes the image;
 * so it is set at every boot anew.
 */
export function deadMansSwitch(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  // Not waited for: at boot a timer starts only when the stage that sets it is over.
  return `#!/bin/sh
# bake: this machine ends itself in ${seconds} s.
systemctl stop bake-time-to-live.timer >/dev/null 2>&1
if ! systemd-run --no-block --unit=bake-time-to-live --on-active=${seconds} --timer-property=AccuracySec=1s shutdown -h now >/dev/null 2>&1; then
  nohup setsid sh -c 'sleep ${seconds}; shutdown -h now' >/dev/null 2>&1 </dev/null &
fi
`;
}
