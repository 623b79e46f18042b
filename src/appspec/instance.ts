// Folders that every Linux image has, so the agent does not create them.
const FOLDERS = new Set([
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/etc/cron.d',
  '/etc/init.d',
  '/etc/systemd',
  '/etc/systemd/system',
  '/home',
  '/lib',
  '/lib64',
  '/media',
  '/mnt',
  '/opt',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/srv',
  '/sys',
  '/tmp',
  '/usr',
  '/usr/bin',
  '/usr/lib',
  '/usr/local',
  '/usr/local/bin',
  '/usr/local/lib',
  '/usr/local/sbin',
  '/usr/local/share',
  '/usr/sbin',
  '/usr/share',
  '/var',
  '/var/cache',
  '/var/lib',
  '/var/log',
  '/var/spool',
  '/var/tmp'
])

/** Whether a fresh instance has this folder; each part of the path must exist, even before a `..`. */
export const hasFolder = (path: string): boolean => {
  if (path === '') return false
  const here: string[] = []
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue
    if (step === '..') here.pop()
    else here.push(step)
    if (!FOLDERS.has(`/${here.join('/')}`)) return false
  }
  return true
}

// Accounts on the images that CodeDeploy users start from, and on every Linux.
const ACCOUNTS = new Set(
  'root bin daemon adm sys mail nobody nogroup users games man www-data ec2-user ubuntu admin centos'.split(
    ' '
  )
)

/** Whether common images have the account; the instance itself is not asked. */
export const isCommonAccount = (name: string): boolean => ACCOUNTS.has(name)
