import { createBackground } from './autoscaling/background.js'
import { createFleets, type Fleets } from './autoscaling/fleets.js'
import { troubled } from './autoscaling/troubled.js'
import { createIds } from './autoscaling/ids.js'
import { ec2Operations } from './autoscaling/instance-operations.js'
import { createJournal, type JournalEntry } from './autoscaling/journal.js'
import { createAttachment } from './autoscaling/attachment.js'
import { autoscalingOperations } from './autoscaling/operations.js'
import { createAlarms, type Alarms } from './cloudwatch/alarms.js'
import { cloudwatchOperations } from './cloudwatch/operations.js'
import { onAlarm } from './codedeploy/engine/alarm.js'
import type { Engine } from './codedeploy/engine/engine.js'
import { installOnNewcomer } from './codedeploy/engine/scale-out.js'
import { start } from './codedeploy/engine/start.js'
import type { Deployment } from './codedeploy/model.js'
import { codedeployOperations } from './codedeploy/operations.js'
import type { Plane } from './codedeploy/plane.js'
import { seed, type Seeded, type SeedOptions } from './codedeploy/seed.js'
import { createState, type BrokenRole } from './codedeploy/state.js'
import type {
  CloudClock,
  JsonOperations,
  LoadBalancing,
  Machines,
  ObjectStore,
  QueryOperations,
  Switches
} from './contract.js'
import { loadBalancingOperations } from './loadbalancing/operations.js'
import { createCommands, type Commands } from './ssm/commands.js'
import { createDocuments, type SsmDocuments } from './ssm/documents.js'
import { createInventory, type Inventory } from './ssm/inventory.js'
import { ssmOperations } from './ssm/operations.js'
import { createBalancers, type Balancers } from './loadbalancing/balancers.js'
import { createTargetGroups, type TargetGroups } from './loadbalancing/target-groups.js'
import { createNetwork, type Network } from './ec2/network.js'
import { ec2Reads } from './ec2/operations.js'
import { createTemplates, type Templates } from './ec2/templates.js'
import { QUOTAS, type Quotas } from './quotas.js'

export type { Seeded, SeedOptions } from './codedeploy/seed.js'

/** What the control planes need. */
export interface ControlOptions {
  clock: CloudClock
  machines: Machines
  loadBalancing: LoadBalancing
  /**
   * Only here to make a complete set of parts: CodeDeploy never checks whether a bundle exists (docs/service.md, reference
   * 4.3).
   */
  objects?: ObjectStore
  switches: Switches
  accountId: string
  region: string
  /** Items per page of CodeDeploy's lists; 100 by default. */
  pageSize?: number
  /**
   * Throws unless the caller has the further permissions that a call needs (docs/service.md, reference 4.2); by default
   * everything is allowed.
   */
  authorize?: Plane['authorize']
  /** Seed of generated names; the same seed gives the same names. */
  idSeed?: number
  /** Service seconds from its launch until the agent of a new server starts; 0 by default: once it has booted. */
  agentSeconds?: number
  /** How many of each the account may have, where it differs from AWS's defaults. */
  quotas?: Partial<Quotas>
  /** Service minutes that AllowTraffic waits for one instance; 60 by default. */
  healthTimeoutMinutes?: number
}

/** The control planes of one cloud. */
export interface ControlPlanes {
  codedeploy: JsonOperations
  autoscaling: QueryOperations
  elbv2: QueryOperations
  ec2: QueryOperations
  cloudwatch: JsonOperations
  ssm: JsonOperations
  seed(options?: SeedOptions): Promise<Seeded>
  /** Ends every deployment, machine and proxy; resolves when all are gone. */
  stop(): Promise<void>
  inspect: {
    /** What CodeDeploy did to fleets and target groups, in order. */
    journal(): readonly JournalEntry[]
    deployments(): Deployment[]
    /** Gives the group a longer past: deployments that were over before anybody looked. */
    remember(deployments: readonly Deployment[]): void
    alarms: Alarms
    /** The SSM documents of the account, and what runs of them. */
    documents: SsmDocuments
    commands: Commands
    /** What SSM knows of the software of the instances. */
    inventory: Inventory
    /** Service roles, by ARN, that a test breaks. */
    brokenRoles: Map<string, BrokenRole>
    fleets: Fleets
    targetGroups: TargetGroups
    /** Load balancers, listeners and rules. */
    balancers: Balancers
    /** Launch templates, to which a test may add versions. */
    templates: Templates
    network: Network
    /** A test may lower them. */
    quotas: Quotas
    /** Errors of the cloud itself; a test should find none. */
    faults(): unknown[]
  }
}

const createEngine = (options: ControlOptions): Engine => {
  const { clock, machines, loadBalancing, region, accountId, switches } = options
  const [ids, background] = [createIds(options.idSeed ?? 1), createBackground()]
  const quotas = { ...QUOTAS, ...options.quotas }
  const balancing = { clock, loadBalancing, ids, region, accountId, quotas }
  const targetGroups = createTargetGroups(balancing, (arn) => balancers.using(arn).length > 0)
  const balancers = createBalancers(balancing, targetGroups)
  const engine: Engine = {
    clock,
    switches,
    ids,
    background,
    state: createState(),
    fleets: createFleets({
      ...{ clock, ids, background, region, accountId, quotas },
      templates: createTemplates(() => clock.now()),
      machines: troubled(machines, clock, { switches, agentSeconds: options.agentSeconds ?? 0 }),
      newFleet: () => switches.newFleet
    }),
    ...{ targetGroups, balancers, quotas, network: createNetwork(region) },
    alarms: createAlarms(clock),
    journal: createJournal(() => clock.now()),
    runs: new Map(),
    start: (draft) => start(engine, draft),
    healthTimeoutMs: (options.healthTimeoutMinutes ?? 60) * 60_000
  }
  engine.fleets.onLaunchHook((instance, hook) => installOnNewcomer(engine, instance, hook))
  engine.alarms.onActivated((alarm) => onAlarm(engine, alarm))
  engine.fleets.onGone((instance) => engine.targetGroups.forget(instance.id))
  return engine
}

const endAll = async ({ background, fleets, targetGroups, balancers }: Engine): Promise<void> => {
  await background.stop()
  await Promise.all(fleets.allInstances().map((instance) => instance.machine.terminate()))
  await targetGroups.close()
  await balancers.close()
}

/**
 * CodeDeploy, Auto Scaling, ELBv2, CloudWatch's alarms, SSM's Run Command and inventory, and a little of EC2 over the given machines and load balancing;
 * the clock controls all time.
 */
export const createControlPlanes = (options: ControlOptions): ControlPlanes => {
  const engine = createEngine(options)
  const { region, accountId } = options
  const { fleets, targetGroups, background, balancers, network, quotas } = engine
  const { templates } = fleets
  const pageSize = options.pageSize ?? 100
  const documents = createDocuments()
  const commands = createCommands({ ...engine, documents, accountId })
  const inventory = createInventory(fleets)
  const codedeploy = codedeployOperations({
    engine,
    region,
    accountId,
    pageSize,
    authorize: options.authorize ?? (() => undefined)
  })
  const world = { engine, codedeploy, region, accountId, ending: background.ending }
  return {
    codedeploy,
    autoscaling: autoscalingOperations({
      ...{ fleets, background, network, quotas },
      attachment: createAttachment(engine)
    }),
    elbv2: loadBalancingOperations({
      ...{ targetGroups, balancers, fleets, network, background, pageSize },
      switches: options.switches
    }),
    ec2: {
      ...ec2Operations(fleets, { ...engine, accountId }),
      ...ec2Reads({ templates, network, accountId })
    },
    cloudwatch: cloudwatchOperations(engine.alarms, { region, accountId }),
    ssm: ssmOperations(documents, commands, inventory),
    seed: (wishes) => seed(world, wishes),
    stop: () => endAll(engine),
    inspect: {
      journal: () => engine.journal.entries(),
      deployments: () => [...engine.state.deployments.values()],
      remember: (deployments) => {
        for (const deployment of deployments) engine.state.deployments.set(deployment.id, deployment)
      },
      alarms: engine.alarms,
      documents,
      commands,
      inventory,
      brokenRoles: engine.state.brokenRoles,
      ...{ fleets, targetGroups, balancers, templates, network, quotas },
      faults: () => background.faults()
    }
  }
}
