const because = (text: string): Error => new Error(`The deployment failed because ${text}`)

const spec = 'the application specification file'
const tryAgain = (section: string): string =>
  `Update the ${section} section of the AppSpec file, and then try again.`

/** The agent's messages about a bad AppSpec (docs/service.md, reference 6.4, M1–M21). */
export const fault = {
  empty: () =>
    because(
      `${spec} was empty. Make sure your AppSpec file defines at minimum the 'version' and 'os' properties.`
    ),
  version: (value: string) =>
    because(
      `an invalid version value (${value}) was entered in ${spec}. Make sure your AppSpec file specifies "0.0" as the version, and then try again.`
    ),
  system: (value: string) =>
    because(
      `${spec} specifies an unsupported operating system (${value}). Specify either "linux" or "windows" in the os section of the AppSpec file, and then try again.`
    ),
  behavior: (value: string) =>
    because(
      `an invalid file_exists_behavior value (${value}) was entered in ${spec}. Make sure your AppSpec file specifies one of DISALLOW,OVERWRITE,RETAIN as the file_exists_behavior, and then try again.`
    ),
  location: () =>
    because(
      `${spec} specifies a script with no location value. Specify the location in the hooks section of the AppSpec file, and then try again.`
    ),
  timeout: () =>
    because(
      `an invalid timeout value was provided for a script in ${spec}. Make corrections in the hooks section of the AppSpec file, and then try again.`
    ),
  source: () => because(`${spec} specifies a destination file, but no source file. ${tryAgain('files')}`),
  destination: (source: string) =>
    because(
      `${spec} specifies only a source file (${source}). Add the name of the destination file to the files section of the AppSpec file, and then try again.`
    ),
  modeLength: (mode: string) =>
    because(
      `the length of a permissions mode (${mode}) in ${spec} is invalid. Permissions modes must be between one and four characters long. ${tryAgain('permissions')}`
    ),
  modeCharacter: (mode: string, character: string) =>
    because(
      `the permissions mode (${mode}) in ${spec} contains an invalid character (${character}). ${tryAgain('permissions')}`
    ),
  pattern: (object: string, pattern: string) =>
    because(
      `${spec} includes an object (${object}) with an invalid pattern (${pattern}), such as a pattern for a file applied to a directory. Correct the permissions section of the AppSpec file, and then try again.`
    ),
  except: (except: string, object: string) =>
    because(
      `the except parameter for a pattern in the permissions section (${except}) for the object named ${object} contains an invalid format. Update the AppSpec file, and then try again.`
    ),
  object: () => because(`a permission listed in ${spec} has no object value. ${tryAgain('permissions')}`),
  type: (type: string) =>
    because(
      `${spec} specifies a permission for an object type not supported for permissions (${type}). ${tryAgain('permissions')}`
    ),
  twice: (object: string) =>
    because(
      `the permissions setting for (${object}) is specified more than once in ${spec}. ${tryAgain('files')}`
    ),
  acl: (entry: string) =>
    because(`of a problem with the acls permission settings in ${spec}. Invalid acl entry (${entry}).`),
  baseAcl: (entry: string) =>
    because(
      `of a problem with the acls permission settings in ${spec}. Use mode to set the base acl entry (${entry}). ${tryAgain('permissions')}`
    ),
  aclCharacter: (entry: string, character: string) =>
    because(
      `the access control list (ACL) named ${entry} in ${spec} contains an invalid character (${character}). Correct the ACL in the hooks section of the AppSpec file, and then try again.`
    ),
  defaultAcl: () =>
    because(
      'the -d parameter has been specified to apply an acl setting to a file. This parameter is supported for directories only. Update the AppSpec file, and then try again.'
    ),
  context: (context: string) =>
    because(`${spec} specifies an invalid context type (${context}). ${tryAgain('permissions')}`),
  exists: (destination: string) =>
    because(`a specified file already exists at this location: ${destination}`),
  badBehavior: (behavior: string) =>
    because(
      `an invalid option was specified for fileExistsBehavior: ${behavior}. Valid options include OVERWRITE, RETAIN, and DISALLOW.`
    ),
  sameDestination: (one: string, other: string, destination: string) =>
    because(
      `${spec} specifies two source files named ${one} and ${other} for the same destination (${destination}). Remove one of the source file paths from the AppSpec file, and then try again.`
    )
}
