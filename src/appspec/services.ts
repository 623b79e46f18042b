import type { Step } from './shell/flow.js'

export type ProgramStep = Extract<Step, { kind: 'program' }>

/** Programs that serve until they are stopped, where their arguments match, and do not match the second pattern. */
const SERVERS: readonly [names: RegExp, does: RegExp, unless?: RegExp][] = [
  [/^java$/, /./, /^-{1,2}version\b/],
  [/^(?:node|nodejs|deno|bun)$/, /./, /^(?:-[epv]\b|--(?:eval|print|version)|install\b)/],
  [/^python[\d.]*$/, /./, /^(?:-[cV]\b|--version|-m (?:pip|venv|compileall)\b)|manage\.py (?!runserver)/],
  [/^(?:npm|yarn|pnpm)$/, /^(?:run )?(?:start|serve|dev|prod)/],
  [
    /^(?:gunicorn|uvicorn|hypercorn|daphne|celery|waitress-serve)$/,
    /./,
    /(?:^| )(?:-D|--daemon|--version)\b/
  ],
  [/^flask$/, /\brun\b/],
  [/^ruby$/, /./, /^(?:-e|-v|--version)\b/],
  [/^(?:puma|unicorn|rackup|thin|sidekiq)$/, /^/, /(?:^| )(?:-D|-d|--daemon\w*)\b/],
  [/^bundle$/, /^exec (?:puma|unicorn|rackup|thin|sidekiq|rails s)/],
  [/^rails$/, /^s(?:erver)?\b/],
  [/^php[\d.]*$/, /(?:^| )-S |artisan (?:serve|queue:work|queue:listen|horizon|schedule:work)/],
  [/^dotnet$/, /\.dll\b|^run\b/],
  [/^go$/, /^run\b/],
  [/^(?:mvn|mvnw)$/, /spring-boot:run/],
  [/^(?:gradle|gradlew)$/, /bootRun/],
  [
    /^(?:docker|podman)(?:-compose)?$/,
    /^(?:compose )?(?:-\S+ (?:\S+ )?)?up\b/,
    /(?:^| )(?:-d|--detach|--wait)\b/
  ],
  [/^redis-server$/, /^/, /--daemonize yes/],
  [/^(?:http-server|pm2-runtime|caddy|next|nuxt)$/, /^(?!build|stop|fmt)/]
]

/** Programs that end soon, so a start of one in the background holds nothing for long. */
const SHORT =
  /^(?:sleep|rm|cp|mv|ln|mkdir|touch|chown|chmod|curl|wget|aws|gsutil|systemctl|service|kill|pkill|killall|echo|printf|cat|tar|gzip|gunzip|unzip|zip|rsync|find|xargs|sync|logger|true|false|test|\[|\[\[|date|apt|apt-get|yum|dnf|pip3?|composer|at|reboot|shutdown|psql|mysql|docker|podman|pm2|supervisorctl|sed|awk|grep|wait|disown)$/
const SHORT_NAME = /migrat|back-?up|clean|sync|notif|report|install|update|seed|warm|rotate|prune|\.sh$/i
const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const SYSTEM_PATH = /^\/(?:(?:usr\/(?:local\/)?)?s?bin|etc)\//

/** Enough of the arguments to tell what a command does. */
const MOST_CHARACTERS = 1_000
const textOf = (args: readonly string[]): string => args.join(' ').slice(0, MOST_CHARACTERS)

/** Whether a command, once started in the background, is still there when the script has ended. */
export const isServer = (step: ProgramStep, isDisowned: boolean): boolean => {
  const { name, path, args, isBounded, isDetached } = step
  if (isBounded) return false
  if (SERVERS.some(([names]) => names.test(name)))
    return (
      runsServer(name, textOf(args)) &&
      !args.some((arg) => !arg.startsWith('-') && SHORT_NAME.test(baseOf(arg)))
    )
  if (SHORT.test(name)) return false
  if (isDetached || isDisowned || step.forks) return true
  if (args.includes('-jar')) return true
  const isOwn = /^(?:\.{0,2}|~|\$\w+|\$\{\w+\})?\/[^$`]+$/.test(path) && !SYSTEM_PATH.test(path)
  return isOwn && !SHORT_NAME.test(name)
}

const runsServer = (name: string, args: string): boolean =>
  SERVERS.some(([names, does, unless]) => names.test(name) && does.test(args) && unless?.test(args) !== true)

/** Units that systemd reports as started only when they can answer, or that are not the application. */
const OTHER_UNITS =
  /^(?:nginx|httpd|apache2?|haproxy|php[\d.]*-?fpm|mysqld?|mariadb|postgresql\S*|redis\S*|docker|containerd|sshd?|crond?|rsyslog|(?:amazon|aws|codedeploy|datadog|newrelic)\S*|filebeat|fluent\S*|node.exporter|awslogsd?|supervisord?|snapd|logrotate|chronyd)(?:\.service)?$/

/** What a manager starts and leaves alone. */
const MANAGERS: readonly [names: RegExp, does: RegExp][] = [
  [/^(?:docker|podman)(?:-compose)?$/, /^(?:container )?(?:start|restart)\b/],
  [/^(?:docker|podman)(?:-compose)?$/, /\b(?:run|up)\b.* (?:-[a-z]?d[a-z]?|--detach)\b/],
  [/^pm2$/, /^(?:start|restart|reload|gracefulReload|startOr\w+)\b/],
  [/^supervisorctl$/, /\b(?:start|restart|update)\b/],
  [/^forever$/, /\b(?:start|restart)\b/],
  [/^(?:initctl|monit)$/, /\b(?:start|restart)\b/]
]

/** The service that a command starts and does not wait for; undefined when it starts none. */
export const startedBy = (step: ProgramStep, isDisowned: boolean): string | undefined => {
  const { name, path, args, isBackground } = step
  const text = textOf(args)
  if (/--(?:wait|health|retry)/.test(text)) return undefined
  if (isBackground) return isServer(step, isDisowned) ? `${name} in the background` : undefined
  const units =
    name === 'systemctl'
      ? unitsOf(args)
      : name === 'service' && /^(?:re)?start$/.test(args[1] ?? '')
        ? args.slice(0, 1)
        : /^\/etc\/(?:rc\.d\/)?init\.d\//.test(path) && /^(?:re)?start$/.test(args[0] ?? '')
          ? [name]
          : []
  const unit = units.find((one) => !OTHER_UNITS.test(one))
  if (unit !== undefined) return `the service ${unit}`
  return MANAGERS.some(([names, does]) => names.test(name) && does.test(text))
    ? `a service by ${name}`
    : undefined
}

const unitsOf = (args: readonly string[]): readonly string[] => {
  const [verb = '', ...units] = args.filter((arg) => !arg.startsWith('-'))
  const starts =
    /^(?:start|restart|reload-or-restart)$/.test(verb) || (verb === 'enable' && args.includes('--now'))
  return starts ? units : []
}

/** What proves nothing about a service, whatever its arguments. */
const PROVES_NOTHING =
  /^(?:echo|printf|exit|return|true|false|:|sleep|cat|date|cd|rm|cp|mv|ln|mkdir|touch|chmod|chown|set|export|unset|local|declare|readonly|shift|disown|tee|logger|\[|\[\[|test|\(\(|let|pwd|ls|hostname|whoami|id|ulimit|umask|renice|basename|dirname|readlink|head|chgrp)$/
const PROVES_NOTHING_WITH: readonly [names: RegExp, args: RegExp][] = [
  [/^systemctl$/, /^(?:-\S+ )*(?:enable|disable|daemon-reload|start|restart|reload|stop|reset-failed)\b/],
  [/^service$/, /\b(?:start|restart|stop|reload)$/],
  [/^tail$/, /^(?!.*(?:-f|-F|--follow))/],
  [/^pm2$/, /^save\b/]
]

/** Whether a step may wait for a service or ask it: anything that is not known to do something else. */
export const mayProve = (step: Step): boolean => {
  if (step.kind === 'loop') return true
  const { name, args } = step
  if (PROVES_NOTHING.test(name)) return false
  return !PROVES_NOTHING_WITH.some(([names, does]) => names.test(name) && does.test(textOf(args)))
}
