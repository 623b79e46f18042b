/** A script of ApplicationStart, as people write them, and what is said of it. */
export interface Start {
  name: string
  text: string
  /** The lines of starts in the background that keep these outputs open; the first one is what the warning shows. */
  holds?: [line: number, outputs: 'stdout' | 'stderr' | 'stdout and stderr']
  /** Nothing asks the service that it starts. */
  isUnproven?: boolean
  /** It calls something that a test cannot give it. */
  isOnlyRead?: boolean
}

const bash = (...lines: string[]): string => `#!/bin/bash\n${lines.join('\n')}\n`
const sh = (...lines: string[]): string => `#!/bin/sh\n${lines.join('\n')}\n`

const OPEN: Start[] = [
  {
    name: 'nohup, which redirects only a terminal',
    text: bash('cd app', 'nohup java -jar app.jar &'),
    holds: [3, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'stdout alone is redirected',
    text: sh('nohup java -jar "$JAR" > app.log &', 'echo $! > app.pid'),
    holds: [2, 'stderr'],
    isUnproven: true
  },
  {
    name: 'stderr alone is redirected, and names that look like targets are arguments',
    text: bash('nohup java -jar "$JAR" nohup.out /dev/null 2> /dev/null < /dev/null &'),
    holds: [2, 'stdout'],
    isUnproven: true
  },
  {
    name: 'redirections in the wrong order',
    text: bash('java -jar app.jar 2>&1 > app.log &'),
    holds: [2, 'stdout'],
    isUnproven: true
  },
  {
    name: 'stderr follows stdout, which is not redirected',
    text: bash(
      'CURRENT=$(pgrep -f app.jar)',
      'if [ -z "$CURRENT" ]; then',
      '  echo "nothing runs"',
      'else',
      '  kill -15 $CURRENT',
      '  sleep 5',
      'fi',
      'nohup java -jar $REPOSITORY/app.jar 2>&1 &'
    ),
    holds: [9, 'stdout'],
    isUnproven: true
  },
  {
    name: 'a program of a virtual environment, found by a pattern',
    text: bash(
      'cd app || { echo "no app"; exit 1; }',
      '/srv/app/venv/*/bin/gunicorn app:app --bind 127.0.0.1:8000 &'
    ),
    holds: [3, 'stdout and stderr'],
    isUnproven: true,
    isOnlyRead: true
  },
  {
    name: 'a pipe into tee',
    text: bash('node server.js 2>&1 | tee app.log &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'setsid without a redirection',
    text: sh('setsid ./bin/server &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'setsid -f without &',
    text: sh('setsid -f ./bin/server'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'disowned later',
    text: bash('worker --queue mail &', 'disown'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'sudo and the user of the service',
    text: bash('sudo -u app -E nohup python3 manage.py runserver 0.0.0.0:8000 &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'assignments before the program',
    text: sh('PORT=8080 NODE_ENV=production node server.js &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'a command over several lines',
    text: bash('nohup java \\', '  -Dspring.profiles.active=prod \\', '  -jar app.jar &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'in a branch',
    text: bash('if [ -f app.jar ]; then', '  nohup java -jar app.jar &', 'else', '  exit 1', 'fi'),
    holds: [3, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'in a function that is called',
    text: bash('start() {', '  nohup java -jar app.jar &', '}', 'start'),
    holds: [3, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'as a text for a shell of another user',
    text: bash('su - app -c "cd app && nohup node server.js &"'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true,
    isOnlyRead: true
  },
  {
    name: 'a list of which bash waits for the last command',
    text: bash('cd app && nohup java -jar app.jar > app.log 2>&1 &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'a loop that restarts the service',
    text: sh('while true; do node server.js >> app.log 2>&1; sleep 1; done &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'a function in the background',
    text: sh('serve() { node server.js > app.log 2>&1; }', 'serve &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  },
  {
    name: 'a start that is asked, but never lets the script end',
    text: bash('nohup java -jar app.jar &', 'curl --retry 30 --retry-connrefused -fs localhost:8080/health'),
    holds: [2, 'stdout and stderr']
  },
  {
    name: 'a copy of stdout to a third descriptor',
    text: bash('exec 3>&1 > hook.log 2>&1', 'java -jar app.jar >&3 &'),
    holds: [3, 'stdout'],
    isUnproven: true
  },
  {
    name: 'compose without -d',
    text: bash('docker-compose up &'),
    holds: [2, 'stdout and stderr'],
    isUnproven: true
  }
]

const CLOSED: Start[] = [
  {
    name: 'the form that AWS gives',
    text: bash('cd /tmp', 'java -jar *.jar > /dev/null 2> /dev/null < /dev/null &'),
    isUnproven: true
  },
  { name: '>file 2>&1', text: sh('nohup node server.js >app.log 2>&1 </dev/null &'), isUnproven: true },
  { name: '&> of bash', text: bash('nohup java -jar app.jar &>/dev/null &'), isUnproven: true },
  { name: '&>> of bash', text: bash('nohup java -jar app.jar &>>app.log &'), isUnproven: true },
  { name: '>& of bash', text: bash('java -jar app.jar >& app.log &'), isUnproven: true },
  { name: 'closed outputs', text: sh('node server.js >&- 2>&- &'), isUnproven: true },
  {
    name: 'sudo, for which the shell redirects',
    text: bash(
      'sudo nohup java -jar -Duser.timezone=Asia/Seoul $JAR --spring.profiles.active=prod > /tmp/app.log 2>&1 &'
    ),
    isUnproven: true
  },
  { name: 'redirected before the arguments', text: sh('>app.log 2>&1 node server.js &'), isUnproven: true },
  {
    name: 'a redirected group',
    text: bash('{ cd app; exec java -jar app.jar; } > app.log 2>&1 < /dev/null &'),
    isUnproven: true
  },
  {
    name: 'a redirected subshell',
    text: bash('(cd app && java -jar app.jar) > app.log 2>&1 &'),
    isUnproven: true
  },
  {
    name: 'exec, which no shell waits for',
    text: bash('(cd app; exec java -jar app.jar > app.log 2>&1) &'),
    isUnproven: true
  },
  {
    name: 'a redirected loop',
    text: sh('while true; do node server.js; sleep 1; done > app.log 2>&1 &'),
    isUnproven: true
  },
  {
    name: 'exec that redirects the whole script',
    text: bash('exec >> hook.log 2>&1', 'nohup java -jar app.jar &'),
    isUnproven: true
  },
  {
    name: 'a function that redirects the whole script',
    text: bash('log_to() { exec > "$1" 2>&1; }', 'log_to hook.log', 'nohup java -jar app.jar &'),
    isUnproven: true
  },
  {
    name: 'a list on two lines',
    text: bash('cd app || exit 1', 'nohup java -jar app.jar > app.log 2>&1 &'),
    isUnproven: true
  },
  {
    name: 'a list for a shell that turns into its last command',
    text: '#!/bin/dash\ncd app && node server.js > app.log 2>&1 &\n',
    isUnproven: true
  },
  {
    name: 'a shell inside whose own command is in the background',
    text: bash('sh -c "nohup node server.js > app.log 2>&1 &"'),
    isUnproven: true
  },
  {
    name: 'two files',
    text: bash('nohup java -jar app.jar 1>out.txt 2>err.txt &', 'echo "completed"'),
    isUnproven: true
  }
]

const HARMLESS: Start[] = [
  { name: 'a comment', text: bash('# nohup java -jar app.jar &', 'true') },
  { name: 'a text', text: bash('echo "run: nohup java -jar app.jar &"', "echo 'node a.js &'") },
  {
    name: 'a here-document',
    text: bash(
      'cat > run.sh <<-EOF',
      '\tnohup java -jar app.jar &',
      '\tEOF',
      "cat > b <<'E'",
      "node a.js & # it's",
      'E'
    )
  },
  { name: '&& and 2>&1', text: bash('cd app && node --check server.js 2>&1', 'true && true') },
  { name: 'a URL with &', text: bash("curl -s 'http://localhost/a?b=1&c=2' || true", 'true "a&b"') },
  {
    name: 'a short command in the background',
    text: bash('sleep 0 &', '(sleep 0; touch done) &', 'curl -s http://localhost/warm &')
  },
  {
    name: 'a helper that is waited for',
    text: bash('node build-a.js &', 'node build-b.js &', 'wait'),
    isOnlyRead: true
  },
  {
    name: 'a helper that is stopped',
    text: bash('python3 -m http.server 8000 &', 'helper=$!', './smoke', 'kill "$helper"'),
    isOnlyRead: true
  },
  {
    name: 'a helper that a trap stops',
    text: bash('node mock.js &', 'trap "kill $!" EXIT', './smoke'),
    isOnlyRead: true
  },
  { name: 'a limited command', text: bash('timeout 30 node warm.js &'), isOnlyRead: true },
  {
    name: 'a job that ends',
    text: bash('python3 manage.py collectstatic --noinput &', 'npm install &', 'node tools/notify.js &'),
    isOnlyRead: true
  },
  {
    name: 'a function that nobody calls',
    text: bash('start() {', '  nohup java -jar app.jar &', '}', 'true')
  },
  {
    name: 'a program that becomes a daemon itself',
    text: bash('gunicorn app:app --daemon'),
    isOnlyRead: true
  },
  { name: 'a start in the foreground', text: bash('nohup java -jar app.jar &>/dev/null'), isOnlyRead: true },
  { name: 'a unit of nginx', text: bash('systemctl restart nginx.service', 'service httpd start') },
  {
    name: 'a proxy that is only reloaded',
    text: bash('nginx -t && systemctl reload nginx')
  },
  {
    name: 'an init script, whose branches stop what they start',
    text: bash(
      'case "$1" in',
      '  start) node server.js & ;;',
      '  (stop|halt) kill "$(cat app.pid)" ;;',
      'esac'
    ),
    isOnlyRead: true
  },
  {
    name: 'compose that waits for health',
    text: bash('docker compose up -d --wait')
  }
]

const MANAGED: Start[] = [
  {
    name: 'a unit of its own',
    text: bash('systemctl daemon-reload', 'systemctl restart app'),
    isUnproven: true
  },
  { name: 'service', text: bash('service app start'), isUnproven: true },
  {
    name: 'a container',
    text: bash('docker run -d --name app -p 80:8080 example/app:1', 'echo started'),
    isUnproven: true
  },
  { name: 'compose', text: bash('docker compose -f prod.yml up -d'), isUnproven: true },
  { name: 'pm2', text: bash('cd app', 'pm2 start ecosystem.config.js', 'pm2 save'), isUnproven: true },
  {
    name: 'a unit, then a pause',
    text: bash('sudo systemctl start app', 'sleep 10', 'echo "started $(date)"'),
    isUnproven: true
  },
  {
    name: 'a unit, then a request',
    text: bash('systemctl restart app', 'sleep 5', 'curl -f http://localhost:8080/')
  },
  {
    name: 'a unit that is asked',
    text: bash('systemctl start app', 'if systemctl is-active --quiet app; then exit 0; fi', 'exit 1')
  },
  { name: 'pm2 that waits', text: bash('pm2 start app.js --wait-ready') }
]

const ASKED: Start[] = [
  {
    name: 'a loop that asks',
    text: bash(
      'nohup java -jar app.jar > app.log 2>&1 &',
      'for i in $(seq 1 2); do',
      '  curl -s http://localhost/api/actuator/health | grep -q \'"status":"UP"\' && exit 0',
      '  sleep 0',
      'done',
      'tail -n 50 app.log',
      'exit 1'
    )
  },
  {
    name: 'a loop that waits for a file',
    text: bash('node server.js > app.log 2>&1 &', 'while [ ! -f ready ]; do touch ready; done')
  },
  {
    name: 'a function from another file',
    text: bash('. ./common.sh', 'node server.js > app.log 2>&1 &', 'wait_for_port 8080'),
    isOnlyRead: true
  },
  {
    name: 'another script',
    text: bash('node server.js > app.log 2>&1 &', './scripts/check.sh 8080'),
    isOnlyRead: true
  },
  {
    name: 'a look at the process',
    text: bash('node server.js > app.log 2>&1 &', 'PID=$!', 'kill -0 $PID || exit 1')
  },
  {
    name: 'a substitution that asks',
    text: bash(
      'node server.js > app.log 2>&1 &',
      'STATUS=$(curl -s -o /dev/null -w "%{http_code}" localhost)',
      'echo "$STATUS"'
    )
  },
  {
    name: 'backticks that ask',
    text: sh('node server.js > app.log 2>&1 &', 'echo "listening: `ss -ltn`"')
  },
  {
    name: 'only a loop that stops the former version',
    text: bash(
      'PID=$(pgrep -f app.jar)',
      'if [ -n "$PID" ]; then kill -15 $PID; while kill -0 $PID; do sleep 1; done; fi',
      'nohup java -jar app.jar > app.log 2>&1 &',
      'echo "started with ${PROFILE:-prod}"'
    ),
    isUnproven: true
  }
]

const NOT_READ: Start[] = [
  {
    name: 'another language',
    text: '#!/usr/bin/env python3\nimport os\nos.system("nohup java -jar app.jar &")\n',
    isOnlyRead: true
  },
  {
    name: 'a quote that is not closed',
    text: bash('nohup java -jar app.jar &', 'echo "never'),
    isOnlyRead: true
  },
  {
    name: 'a structure that is not closed',
    text: bash('if true; then', 'java -jar app.jar &'),
    isOnlyRead: true
  },
  { name: 'a program', text: '\u007fELF\u0002\u0001 java -jar app.jar &\n', isOnlyRead: true }
]

export const STARTS: readonly Start[] = [...OPEN, ...CLOSED, ...HARMLESS, ...MANAGED, ...ASKED, ...NOT_READ]
