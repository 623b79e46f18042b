/** The agent's own log on a server. */
export const AGENT_LOG = '/var/log/aws/codedeploy-agent/codedeploy-agent.log'

/** Every error code of an event (API: LifecycleErrorCode; reference §2.3). */
export const SCRIPT_ERRORS: Readonly<Record<string, Explanation>> = {
  Success: {
    meaning: 'The event itself reports success.',
    next: 'Nothing to do for this event; look for another one that failed.'
  },
  ScriptMissing: {
    meaning: 'The AppSpec names a script that is not in the bundle.',
    next: 'Check its path (relative to the root of the bundle, upper and lower case count) and whether `exclude` or .gitignore patterns left it out.'
  },
  ScriptNotExecutable: {
    meaning: 'The script could not be made executable on the server.',
    next: 'Give it its mode in the repository (`git update-index --chmod=+x`), and check that the disk is not read-only.'
  },
  ScriptTimedOut: {
    meaning: 'The script ran longer than its `timeout` in the AppSpec.',
    next: 'Raise `timeout` (3600 s at most for all scripts of an event), or find what it waits for: a prompt, a lock, a service that never comes up.'
  },
  ScriptFailed: {
    meaning: 'The script ran and ended with an exit code other than 0.',
    next: 'Read its last lines of output; run it by hand on a server with the same user to see more.'
  },
  UnknownError: {
    meaning: 'The agent, or the service for an event of its own, failed outside of any script.',
    next: `Read the message; on the server, ${AGENT_LOG} has the stack.`
  }
}

/** A text in the message of an event that says more than its error code. */
export interface TellingMessage extends Explanation {
  pattern: RegExp
  /** The pattern as the manual shows it. */
  reads: string
  /** The one event in which it means this. */
  only?: string
}

/** What the message of an event tells beyond its code: texts that the agent really sends (reference §2.3, §9; captures §9). */
export const SCRIPT_MESSAGES: readonly TellingMessage[] = [
  {
    pattern: /failed with exit code 12[67]$/,
    reads: 'failed with exit code 126 (or 127)',
    meaning:
      'Usually a command in the script was not found or may not be executed (exit codes 127 and 126 of a shell).',
    next: 'Install the program before the script needs it, or name it by its full path: hooks do not run in a login shell, so PATH is short.'
  },
  {
    pattern: /failed with exit code ?$/,
    reads: 'failed with exit code (and no number)',
    meaning: 'The script was killed by a signal, so it has no exit code; often the kernel ran out of memory.',
    next: 'Look at `dmesg` on the server for the out-of-memory killer, and at who else may stop processes there.'
  },
  {
    pattern: /failed to close STD(OUT|ERR)/,
    reads: 'failed to close STDOUT',
    meaning:
      'The script ended, but a process that it started in the background keeps its output open, so the agent waited until the timeout.',
    next: 'Start it with its three streams redirected: `command > /dev/null 2> /dev/null < /dev/null &`, or let systemd start it.'
  },
  {
    pattern: /after an agent restart/,
    reads: 'after an agent restart',
    meaning: 'The agent was restarted while it ran this event, so the event counts as failed.',
    next: 'Do not restart or update the agent within a hook, and look whether the server rebooted or ran out of memory.'
  },
  {
    pattern: /Errno::ENOENT/,
    reads: 'Errno::ENOENT',
    meaning:
      'The script could not be started: the interpreter in its first line does not exist, very often because of CRLF line ends.',
    next: 'Save it with LF line ends (`* text=auto eol=lf` in .gitattributes), and check that the program in its `#!` line is installed.'
  },
  {
    pattern: /Errno::(ENOEXEC|EACCES)/,
    reads: 'Errno::ENOEXEC, Errno::EACCES',
    meaning: 'The system refused to start the script: it has no `#!` line, or the user may not reach it.',
    next: 'Begin it with `#!/bin/bash`, and check `runas` and the modes of its folders.'
  },
  {
    pattern: /Errno::ENOSPC|No space left on device/i,
    reads: 'Errno::ENOSPC, No space left on device',
    meaning: 'The disk of the server is full.',
    next: 'Make room, give the launch template a larger volume, or keep fewer old revisions (`:max_revisions:` of the agent).'
  },
  {
    pattern: /specified file already exists/,
    reads: 'specified file already exists',
    meaning:
      'A file of the revision lies on the server already and was not put there by this deployment group.',
    next: 'Set `file-exists-behavior: OVERWRITE` (or `file_exists_behavior` in the AppSpec), or delete it in BeforeInstall.'
  },
  {
    pattern: /Role does not have correct permissions/,
    reads: 'Role does not have correct permissions',
    meaning: 'The service role of the deployment group may not change the load balancer.',
    next: 'Attach the managed policy AWSCodeDeployRole to it.'
  },
  {
    pattern: /load balancer does not exist/,
    reads: 'load balancer does not exist',
    meaning:
      'The deployment group names a load balancer that does not exist, or an application load balancer in the list of classic ones.',
    next: 'Name the target group instead (`targetGroupInfoList`).'
  },
  {
    only: 'DownloadBundle',
    pattern: /Access ?Denied|not authorized|InvalidAccessKeyId|\b403\b/i,
    reads: 'Access Denied, not authorized, 403',
    meaning: 'The server may not fetch the bundle from S3 (or decrypt it).',
    next: 'Allow s3:GetObject, s3:GetObjectVersion and, for an encrypted bucket, kms:Decrypt in the instance profile of the launch template.'
  },
  {
    pattern: /CodeDeploy agent was not able to receive the lifecycle event/,
    reads: 'CodeDeploy agent was not able to receive the lifecycle event',
    meaning: 'The agent did not fetch this event: it is stopped, stuck, or the server is gone.',
    next: `Look at \`systemctl status codedeploy-agent\` and ${AGENT_LOG}; check the instance profile, the way to port 443 and the clock of the server.`
  }
]

/** What an error means for a person: a plain sentence, and what to do next. */
export interface Explanation {
  meaning: string
  next: string
}

/** What is special about some events when they fail (reference §2.2, §9; captures §1). */
export const EVENT_ADVICE: Readonly<Record<string, Explanation>> = {
  ApplicationStop: {
    meaning:
      'ApplicationStop runs the script of the revision that was installed before, so this revision cannot mend it.',
    next: 'Deploy once with `ignore-application-stop-failures: true`; from then on the new script is used.'
  },
  DownloadBundle: {
    meaning: 'The server could not fetch or unpack the bundle.',
    next: 'Check the instance profile (s3:GetObject, s3:GetObjectVersion), that the bucket is in the region of the instances or reachable from them, and that the object still exists.'
  }
}

/** AllowTraffic is the service's own work: what an agent says does not help there (reference §9, 10). */
export const ALLOW_TRAFFIC: Explanation = {
  meaning:
    'The instance did not become healthy behind the load balancer. The service waits up to an hour for that and has no log of it.',
  next: 'Compare path, port and matcher of the health check with what the application serves, and let the security group of the instances accept the load balancer.'
}

/** What it means when an event fails on the old fleet of a blue/green deployment (captures §1). */
export const BLUE_ADVICE: Readonly<Record<string, Explanation>> = {
  BeforeBlockTraffic: {
    meaning: 'It runs on the old fleet, after the new one took traffic: both fleets may serve now.',
    next: "Restart the agent on the old instances (a stuck agent is the usual cause), or set `ignore-application-stop-failures: true`, since it is the former revision's script."
  },
  BlockTraffic: {
    meaning: 'An old instance could not be taken out of the load balancer: both fleets may serve now.',
    next: 'Look at the target group: an instance in `draining` only waits for the deregistration delay (300 s by default); check that the service role may deregister targets.'
  },
  AfterBlockTraffic: {
    meaning: "It runs the former revision's script on the old fleet; the new fleet has the traffic.",
    next: 'Deploy once with `ignore-application-stop-failures: true`, or mend the old servers.'
  }
}

/** When every event of an instance was skipped, its agent never took part (reference §9, 4). */
export const ALL_SKIPPED: Explanation = {
  meaning: 'Every event of this instance was skipped: its agent never answered.',
  next: `Check in this order: the agent is installed and runs (\`systemctl status codedeploy-agent\`, ${AGENT_LOG}); the launch template has an instance profile; the instance reaches port 443 of codedeploy-commands-secure and S3 (NAT, endpoints, proxy); its clock is right; the bucket is in its region.`
}
