import type { JsonOperations } from '../contract.js'
import { applicationOperations } from './applications.js'
import { configOperations } from './config-operations.js'
import { continueOperations } from './continue.js'
import { createDeploymentOperations } from './create-deployment.js'
import { groupOperations } from './groups.js'
import { instanceOperations } from './instances.js'
import type { Operation, Operations, Plane } from './plane.js'
import { readDeploymentOperations } from './read-deployments.js'
import { revisionOperations } from './revisions.js'
import { checkShape, shapeOf } from './shapes.js'
import { stopOperations } from './stop.js'
import { tagOperations } from './tags.js'
import { targetOperations } from './targets.js'

const all: Operations = {
  ...applicationOperations,
  ...configOperations,
  ...groupOperations,
  ...revisionOperations,
  ...createDeploymentOperations,
  ...readDeploymentOperations,
  ...targetOperations,
  ...instanceOperations,
  ...stopOperations,
  ...continueOperations,
  ...tagOperations
}

/** CodeDeploy's operations; each input is first compared with its modelled shape. */
export const codedeployOperations = (plane: Plane): JsonOperations =>
  Object.fromEntries(Object.entries(all).map(([name, operation]) => [name, checked(plane, name, operation)]))

const checked = (plane: Plane, name: string, operation: Operation): JsonOperations[string] => {
  const shape = shapeOf(name, 'input')
  return (input, caller) => {
    if (shape !== undefined) checkShape(shape, input, name)
    return operation(plane, input, caller)
  }
}
