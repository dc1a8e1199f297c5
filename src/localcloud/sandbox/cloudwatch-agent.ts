const HOME = '/opt/aws/amazon-cloudwatch-agent';

/** Enabled by `bake:cloudwatch-agent` or by the tool below, like that of the package. */
const SERVICE = `[Unit]
Description=Amazon CloudWatch Agent (the local cloud's stand-in: log files only)
ConditionPathExists=${HOME}/etc/amazon-cloudwatch-agent.json

[Service]
ExecStart=/run/bake/bin/node /run/bake/agent/cloudwatch/main.js
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;

/** The actions that provisioners and user data use: `-a fetch-config -m ec2 -s -c file:PATH`, `-a start`, `-a stop`, `-a status`. */
const TOOL = `#!/bin/bash
set -euo pipefail
action=status start=no config=
while getopts 'a:m:o:c:s' option; do
  case $option in
  a) action=$OPTARG ;;
  s) start=yes ;;
  c) config=$OPTARG ;;
  *) ;;
  esac
done
unit=amazon-cloudwatch-agent.service
case $action in
fetch-config)
  case $config in
  file:*) install -D -m 0644 "\${config#file:}" ${HOME}/etc/amazon-cloudwatch-agent.json ;;
  *) echo "the local cloud's CloudWatch agent takes its configuration from a file only (-c file:PATH)" >&2; exit 1 ;;
  esac
  systemctl enable --quiet $unit
  if [ $start = yes ]; then systemctl restart $unit; fi
  ;;
start | stop) systemctl "$action" $unit ;;
status) echo "{ \\"status\\": \\"$(systemctl is-active --quiet $unit && echo running || echo stopped)\\", \\"configstatus\\": \\"$([ -e ${HOME}/etc/amazon-cloudwatch-agent.json ] && echo configured || echo 'not configured')\\" }" ;;
*) echo "the local cloud's CloudWatch agent does not know -a $action" >&2; exit 1 ;;
esac
`;

/** Files of an instance's /run that stand in for the CloudWatch agent, whose package is not to be had on every machine. */
export const CLOUDWATCH_AGENT: Record<string, { text: string; mode: number }> = {
  'systemd/system/amazon-cloudwatch-agent.service': { text: SERVICE, mode: 0o644 },
  'bake/tools/amazon-cloudwatch-agent-ctl': { text: TOOL, mode: 0o755 },
};
