import type { Composed } from './composed.js';
import { oneLine } from './composeFile.js';
import { variablesOf } from './envExample.js';
import { packageFiles } from './files.js';
import type { Service } from './services.js';
import { endsByItself } from '../running/workload.js';

/** `run.sh`: POSIX shell and the tools that every machine with an engine has. All that it is given is of letters that a shell reads as they stand. */
export function runScript(services: readonly Service[], composed: Composed): string {
  const { manifest, project } = composed;
  const variables = variablesOf(composed);
  const secrets = variables.filter(({ kind }) => kind === 'secret').map(({ name }) => name);
  const architectures = [...new Set(services.map(({ image }) => image.architecture))].sort();
  return [
    '#!/bin/sh',
    `# Runs ${oneLine(manifest.template.name)} ${oneLine(manifest.version)} with Docker Compose. Needs an engine on this machine and no network.`,
    'set -eu',
    `PROJECT='${project}'`,
    `IMAGES='${services.map(({ reference }) => reference).join(' ')}'`,
    `ARCHITECTURES='${architectures.map((name) => name.replaceAll(/[^\w/-]/g, '')).join(' ')}'`,
    `SECRETS='${secrets.join(' ')}'`,
    '# What .env says counts, whatever this shell happens to have.',
    `unset COMPOSE_FILE COMPOSE_PROJECT_NAME COMPOSE_PROFILES ${variables.map(({ name }) => name).join(' ')}`.trimEnd(),
    HELPERS,
    'make_files() {',
    "  changed=''",
    ...services.flatMap((service) => makeFiles(service, composed)),
    '}',
    COMMANDS,
  ].join('\n');
}

/** What ends by itself finds the new file when it is started the next time. */
const makeFiles = ({ component, workload }: Service, composed: Composed): readonly string[] =>
  packageFiles(component, composed)
    .filter(({ isTemplate }) => isTemplate)
    .map(
      ({ mode, name, used }) =>
        `  make_file ${mode.toString(8)} ${name} ${used} ${endsByItself(workload) ? "''" : component.host}`,
    );

const HELPERS = String.raw`
say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

CDPATH='' cd -- "$(dirname -- "$0")"

sums() { if command -v sha256sum >/dev/null 2>&1; then sha256sum -c -; else shasum -a 256 -c -; fi; }

# Compares files with SHA256SUMS: "-v" all but the images, "-e" the images alone.
check() {
  [ -r SHA256SUMS ] || die 'SHA256SUMS is missing: unpack the package again.'
  result=$(grep -v '^#' SHA256SUMS | grep "$1" '  images\.tar$' | sums 2>&1) && return
  printf '%s\n' "$result" | grep -v ': OK$' >&2 || :
  say 'The files above are not as they came. Unpack the package again, or carry it here again.'
  die 'Changes of your own belong into .env and docker-compose.override.yaml, which are not compared.'
}

need_docker() {
  command -v docker >/dev/null 2>&1 || die 'The program docker is not here: install Docker Engine first.'
  docker version >/dev/null 2>&1 || die 'The Docker Engine does not answer. See what "docker version" says: is it running, and may you use it?'
  if docker compose version >/dev/null 2>&1; then compose='docker compose'
  elif command -v docker-compose >/dev/null 2>&1; then compose='docker-compose'
  else die 'Docker Compose is not here: install the plugin (docker compose) or the program docker-compose, 1.29 or newer.'
  fi
}

add_line() {
  [ -z "$(tail -c 1 .env)" ] || echo >>.env
  printf '%s\n' "$1" >>.env
}

# Makes .env at the first start, and adds what is missing later. What stands there stays.
make_env() {
  [ -e .env ] || (umask 077; printf '# Keep this file: it holds the only copy of the generated secrets. What else it may say is in .env.example.\n' >.env)
  [ -r .env ] && [ -w .env ] || die '.env cannot be read and written by you.'
  bad=$(LC_ALL=C awk '/^[ \t]*(#.*)?$/ { next } !/^[A-Za-z_][A-Za-z0-9_]*=/ || /[\047"$#\140\\\r]/ || /[ \t]$/ || /^[A-Za-z_][A-Za-z0-9_]*=[ \t]/ { print "  line " NR }' .env)
  [ -z "$bad" ] || die "These lines of .env are not NAME=value, or the value has quotes, dollars, #, backslashes or blanks at an end, which the Compose programs read differently:
$bad"
  grep -q '^COMPOSE_PROJECT_NAME=.' .env || add_line "COMPOSE_PROJECT_NAME=$PROJECT"
  for name in $SECRETS; do
    if grep -q "^$name=." .env; then continue; fi
    if grep -q "^$name=" .env; then die ".env: $name is empty. Give it a value, or take the line away to have one generated."; fi
    value=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    [ -n "$value" ] || die 'No random numbers: /dev/urandom cannot be read.'
    add_line "$name=$value"
    say "Generated $name; it is kept in .env."
  done
}

# make_file MODE TEMPLATE FILE SERVICE: puts values into a configuration file. One that is there keeps its place on the disk, since a container
# holds on to that; its service is then restarted.
make_file() {
  mkdir -p made "$(dirname "$3")"
  chmod 700 made
  LC_ALL=C awk '
    FILENAME != file { at = index($0, "="); if (at > 1 && $0 !~ /^#/) value[substr($0, 1, at - 1)] = substr($0, at + 1); next }
    {
      rest = $0; line = ""
      while (match(rest, /@@[A-Z][A-Z0-9_]*@@/)) {
        name = substr(rest, RSTART + 2, RLENGTH - 4)
        line = line substr(rest, 1, RSTART - 1) ((name in value) ? value[name] : substr(rest, RSTART, RLENGTH))
        rest = substr(rest, RSTART + RLENGTH)
      }
      printf "%s%s", (FNR > 1 ? "\n" : ""), line rest
    }' file="$2" .env.example .env "$2" >made/.new
  if [ ! -e "$3" ]; then cat made/.new >"$3"
  elif ! cmp -s made/.new "$3"; then
    cat made/.new >"$3"
    changed="$changed $4"
  fi
  rm made/.new
  chmod "$1" "$3"
}
`;

const COMMANDS = String.raw`
prepare() {
  check -v
  make_env
  make_files
}

is_loaded() {
  for image in $IMAGES; do docker image inspect "$image" >/dev/null 2>&1 || return 1; done
}

load() {
  here=$(docker version --format '{{.Server.Arch}}')
  case " $ARCHITECTURES " in
    *" $here "*) ;;
    *) say "Beware: the images are for $ARCHITECTURES, and this engine is $here." ;;
  esac
  say 'Comparing the images with SHA256SUMS ...'
  check -e
  say 'Loading the images ...'
  docker load -i images.tar
  is_loaded || die 'The engine does not have the images though it took them. See what "docker images" says.'
}

start() {
  is_loaded || load
  $compose up -d || {
    say "Not everything came up. See: $compose ps, and $compose logs --tail 50"
    exit 1
  }
  if [ -n "$(printf %s "$changed" | tr -d ' ')" ]; then $compose restart $changed; fi
  $compose ps
}

case "$#:$*" in
  1:start) need_docker; prepare; start ;;
  1:stop) need_docker; [ -e .env ] || die 'Nothing was started here yet.'; $compose stop ;;
  1:status) need_docker; [ -e .env ] || die 'Nothing was started here yet.'; $compose ps ;;
  1:load) need_docker; prepare; load ;;
  *) say 'Usage: ./run.sh start|stop|status|load    README.txt tells more.'; exit 2 ;;
esac
`;
