/** The agent's own log on a server. */
export const AGENT_LOG = '/var/log/aws/codedeploy-agent/codedeploy-agent.log'

/** Every error code of an event (API: LifecycleErrorCode; docs/service.md, reference 2.3). */
export const SCRIPT_ERRORS: Readonly<Record<string, Explanation>> = {
  Success: {
    meaning: 'The event itself reports success.',
    next: 'This event needs nothing; look for another one that failed.'
  },
  ScriptMissing: {
    meaning: 'The AppSpec names a script that is not in the bundle.',
    next: 'Check its path (relative to the root of the bundle, case-sensitive) and whether `exclude` or .gitignore patterns left it out.'
  },
  ScriptNotExecutable: {
    meaning: 'The script could not be made executable on the server.',
    next: 'Make it executable in the repository (`git update-index --chmod=+x`), and check that the disk is not read-only.'
  },
  ScriptTimedOut: {
    meaning: 'The script ran longer than its `timeout` in the AppSpec.',
    next: 'Raise `timeout` (at most 3600 s for all scripts of an event), or find out what it waits for: a prompt, a lock, a service that never starts.'
  },
  ScriptFailed: {
    meaning: 'The script exited with a code other than 0.',
    next: 'Read its last lines of output. To see more, run it by hand on a server as the same user.'
  },
  UnknownError: {
    meaning: 'The agent failed outside of any script, or the service failed in one of its own events.',
    next: `Read the message; on the server, ${AGENT_LOG} has the stack trace.`
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

/** Messages that say more than their code, as the agent really sends them (docs/service.md, references 2.3 and 9, captures 9). */
export const SCRIPT_MESSAGES: readonly TellingMessage[] = [
  {
    pattern: /failed with exit code 12[67]$/,
    reads: 'failed with exit code 126 (or 127)',
    meaning:
      'Usually a command in the script was not found or is not executable (exit codes 127 and 126 of a shell).',
    next: 'Install the program before the script needs it, or call it by its full path: hooks do not run in a login shell, so PATH is short.'
  },
  {
    pattern: /failed with exit code ?$/,
    reads: 'failed with exit code (and no number)',
    meaning: 'A signal killed the script, so it has no exit code. Often the server ran out of memory.',
    next: 'Check `dmesg` on the server for the out-of-memory killer, and find out what else may kill processes there.'
  },
  {
    pattern: /failed to close STD(OUT|ERR)/,
    reads: 'failed to close STDOUT',
    meaning:
      'The script ended, but a background process that it started kept its output open, so the agent waited until the timeout.',
    next: 'Start that process with all three streams redirected: `command > /dev/null 2> /dev/null < /dev/null &`, or let systemd start it.'
  },
  {
    pattern: /after an agent restart/,
    reads: 'after an agent restart',
    meaning: 'The agent was restarted while it ran this event, so the event counts as failed.',
    next: 'Do not restart or update the agent in a hook, and check whether the server rebooted or ran out of memory.'
  },
  {
    pattern: /Errno::ENOENT/,
    reads: 'Errno::ENOENT',
    meaning:
      'The script could not be started: the interpreter in its first line does not exist, very often because of CRLF line endings.',
    next: 'Save it with LF line endings (`* text=auto eol=lf` in .gitattributes), and check that the program in its `#!` line is installed.'
  },
  {
    pattern: /Errno::(ENOEXEC|EACCES)/,
    reads: 'Errno::ENOEXEC, Errno::EACCES',
    meaning: 'The system refused to start the script: it has no `#!` line, or the user has no access to it.',
    next: 'Start it with `#!/bin/bash`, and check `runas` and the permissions of its folders.'
  },
  {
    pattern: /Errno::ENOSPC|No space left on device/i,
    reads: 'Errno::ENOSPC, No space left on device',
    meaning: 'The disk of the server is full.',
    next: 'Free some space, set a larger volume in the launch template, or keep fewer old revisions (`:max_revisions:` of the agent).'
  },
  {
    pattern: /specified file already exists/,
    reads: 'specified file already exists',
    meaning:
      'A file of the revision already exists on the server, and this deployment group did not put it there.',
    next: 'Set `file-exists-behavior: OVERWRITE` (or `file_exists_behavior` in the AppSpec), or delete it in BeforeInstall.'
  },
  {
    pattern: /Role does not have correct permissions/,
    reads: 'Role does not have correct permissions',
    meaning: 'The service role of the deployment group is not allowed to change the load balancer.',
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
    meaning: 'The server is not allowed to fetch the bundle from S3 (or to decrypt it).',
    next: 'Allow s3:GetObject, s3:GetObjectVersion and, for an encrypted bucket, kms:Decrypt in the instance profile of the launch template.'
  },
  {
    pattern: /CodeDeploy agent was not able to receive the lifecycle event/,
    reads: 'CodeDeploy agent was not able to receive the lifecycle event',
    meaning: 'The agent did not fetch this event: it is stopped or stuck, or the server is gone.',
    next: `Check \`systemctl status codedeploy-agent\` and ${AGENT_LOG}, then the instance profile, the access to port 443 and the clock of the server.`
  }
]

/** What an error means for a person: a plain sentence, and what to do next. */
export interface Explanation {
  meaning: string
  next: string
}

/** What to know when one of these events fails (docs/service.md, references 2.2 and 9, captures 1). */
export const EVENT_ADVICE: Readonly<Record<string, Explanation>> = {
  ApplicationStop: {
    meaning:
      'ApplicationStop runs the script of the previously installed revision, so this revision cannot fix it.',
    next: 'Run this once more with `ignore-application-stop-failures: true`; later deployments run the script of this revision.'
  },
  DownloadBundle: {
    meaning: 'The server could not fetch or unpack the bundle.',
    next: 'Check the instance profile (s3:GetObject, s3:GetObjectVersion), that the bucket is in the region of the instances or reachable from them, and that the object still exists.'
  }
}

/** The service itself runs AllowTraffic, so the agent's log does not help (docs/service.md, reference 9, item 10). */
export const ALLOW_TRAFFIC: Explanation = {
  meaning:
    'The instance did not become healthy behind the load balancer. The service waits for that up to an hour and keeps no log.',
  next: 'Compare the path, port and matcher of the health check with what the application serves, and allow the load balancer in the security group of the instances.'
}

/** What it means when an event fails on the old fleet of a blue/green deployment (docs/service.md, captures 1). */
export const BLUE_ADVICE: Readonly<Record<string, Explanation>> = {
  BeforeBlockTraffic: {
    meaning:
      'This event runs on the old fleet after the new one has taken traffic: both fleets may be serving now.',
    next: 'Restart the agent on the old instances (a stuck agent is the usual cause), or set `ignore-application-stop-failures: true`, since the script belongs to the previous revision.'
  },
  BlockTraffic: {
    meaning: 'An old instance could not be removed from the load balancer: both fleets may be serving now.',
    next: 'Check the target group: an instance in `draining` is only waiting for the deregistration delay (300 s by default). Check that the service role is allowed to deregister targets.'
  },
  AfterBlockTraffic: {
    meaning:
      "This event runs the previous revision's script on the old fleet; the new fleet has the traffic.",
    next: 'Run this once more with `ignore-application-stop-failures: true`, or fix the old servers.'
  }
}

/** When every event of an instance was skipped, its agent never answered (docs/service.md, reference 9, item 4). */
export const ALL_SKIPPED: Explanation = {
  meaning: 'Every event of this instance was skipped: its agent never answered.',
  next: `Check in this order: the agent is installed and running (\`systemctl status codedeploy-agent\`, ${AGENT_LOG}); the launch template has an instance profile; the instance can reach port 443 of codedeploy-commands-secure and S3 (NAT, endpoints, proxy); its clock is correct; the bucket is in its region.`
}
