/** A CodeDeploy application, group or configuration (API: ApplicationName). */
export const NAME = /^[A-Za-z0-9._+=,@-]{1,100}$/
export const NAME_RULE = '1 to 100 characters from letters, digits and `._+=,@-`'

/** The ARN of an IAM role. */
export const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/
