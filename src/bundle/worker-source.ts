/**
 * The program of a packing thread as text (CommonJS). The build bundles `runPackWorker` and puts it here, so that the action stays one file
 * and a thread still loads only what it needs: from the whole action each would take 30 MiB and 60 ms more. Empty in the
 * sources themselves.
 */
export const WORKER_SOURCE: string = ''
