import type { Explanation } from './explanation.js'

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
