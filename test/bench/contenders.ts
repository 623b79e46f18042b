import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Program } from './measure.js'
import type { Tree } from './trees.js'

/** One way to bring a tree to S3. */
export interface Contender {
  /** Its name in the ratios: `<tree>-vs-<key>`. */
  key: string
  /** The programs it needs; if one is missing, it is skipped. */
  needs: string[]
  /** The trees it runs on; all by default. */
  only?: string[]
  program(tree: Tree, run: Run): Program
}

export interface Run {
  /** Where the sink listens. */
  endpoint: string
  /** The built action. */
  dist: string
}

const connection = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: 'AKIABENCHMARKBENCHMA',
  AWS_SECRET_ACCESS_KEY: 'benchmark',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true'
})

const newCommit = (): string => randomBytes(20).toString('hex')

/** The action as a runner starts it. It does not wait for the deployment, because `push` does not create one. */
export const deploy = (
  tree: Tree,
  { endpoint, dist }: Run,
  { application = 'app', commit = newCommit() }: { application?: string; commit?: string } = {}
): Program => ({
  command: process.execPath,
  args: [dist],
  env: {
    ...connection(endpoint),
    GITHUB_WORKSPACE: tree.path,
    GITHUB_SHA: commit,
    GITHUB_REPOSITORY: 'example/app',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_NUMBER: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_ACTOR: 'bench',
    INPUT_COMMAND: 'deploy',
    'INPUT_AWS-REGION': 'us-east-1',
    'INPUT_APPLICATION-NAME': application,
    'INPUT_DEPLOYMENT-GROUP-NAME': 'group',
    'INPUT_S3-BUCKET': 'bucket',
    INPUT_SOURCE: '.',
    'INPUT_WAIT-FOR': 'none',
    'INPUT_SKIP-ORDER-CHECK': 'true',
    INPUT_COMMIT: commit
  }
})

const shell = (script: string, tree: Tree, endpoint: string): Program => ({
  command: 'bash',
  args: ['-euo', 'pipefail', '-c', script],
  env: { ...connection(endpoint), TREE: tree.path, BUNDLE: join(tmpdir(), `bench-${process.pid}.zip`) }
})

export const OURS: Contender = { key: 'ours', needs: [], program: (tree, run) => deploy(tree, run) }

/** What people use today. */
export const OTHERS: Contender[] = [
  {
    key: 'aws-deploy-push',
    needs: ['aws'],
    program: (tree, { endpoint }) => ({
      command: 'aws',
      args: [
        'deploy',
        'push',
        '--application-name',
        'app',
        '--s3-location',
        's3://bucket/push.zip',
        '--source',
        tree.path
      ],
      env: connection(endpoint)
    })
  },
  {
    key: 'zip-and-s3-cp',
    needs: ['aws', 'zip', 'bash'],
    program: (tree, { endpoint }) =>
      shell(
        'cd "$TREE"; zip -qry - . > "$BUNDLE"; aws s3 cp --only-show-errors "$BUNDLE" s3://bucket/zip.zip; rm "$BUNDLE"',
        tree,
        endpoint
      )
  },
  {
    key: 'tar-pigz-s3-cp',
    needs: ['aws', 'tar', 'pigz', 'bash'],
    program: (tree, { endpoint }) =>
      shell(
        'tar -C "$TREE" -c . | pigz -6 | aws s3 cp --only-show-errors - s3://bucket/tar.tgz',
        tree,
        endpoint
      )
  }
]
