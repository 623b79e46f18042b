import type { Explanation } from './explanation.js'
import { AGENT_LOG } from './script-errors.js'

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
