// A packing thread from the sources; the action starts its own from the one bundled file.
import { tsImport } from 'tsx/esm/api'

const { runPackWorker } = await tsImport('../../src/bundle/worker.ts', import.meta.url)
runPackWorker()
