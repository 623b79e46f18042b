// A packing thread from the source code; the action starts its threads from its one bundled file.
import { tsImport } from 'tsx/esm/api'

const { runPackWorker } = await tsImport('../../src/bundle/worker.ts', import.meta.url)
runPackWorker()
