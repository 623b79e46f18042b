/**
 * The program of a packing thread as text (CommonJS). The build bundles `runPackWorker` and inserts it here, so the action
 * stays one file and a thread still loads only what it needs: loading the whole action would cost each thread 30 MiB and
 * 60 ms more. Empty in the source code.
 */
export const WORKER_SOURCE: string = ''
