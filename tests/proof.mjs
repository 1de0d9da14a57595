// What was proven of each probe on each system, and how: from what the agent answered in the tests, and which tests of
// parsers passed. Each system's tests call `record`; `scripts/table` makes tests/proof.json and the README's table of it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RECORDS = join(ROOT, 'build/test/proof');
const PROOF = join(ROOT, 'tests/proof.json');
const README = join(ROOT, 'README.md');
const [BEGIN, END] = ['<!-- made by scripts/table -->\n', '<!-- end of what scripts/table made -->\n'];

const SYSTEMS = { linux: 'Linux', windows: 'Windows', macos: 'macOS' };
/** How well each level proves something; "-": the agent answers not_supported. */
const RANKS = { R: 2, W: 2, L: 1, '-': 0 };
/** How the tests run the agent there. */
const RUNS = { linux: 'R', windows: 'W' };

const smart = ['smart'];
/**
 * `tells`: the column without which an answer says nothing of what the probe is for. `topics`: the platform's, and what of
 * them it `asks` where that is not all, for a system whose program is only linked. Of a system that runs: the tests (by how
 * their names begin) that prove the body where the machine of the tests has nothing to show; an empty list says that the
 * body is compiled and has no parser of its own. `wine`: tests of the body itself, run under Wine.
 */
export const PROBES = {
    os: { tells: 'name', topics: ['system_info'] },
    hardware: { tells: 'cpu_model', topics: ['hardware'] },
    disks: { tells: 'size_bytes', topics: ['disks'] },
    network_interfaces: { tells: 'up', topics: ['network'] },
    addresses: { tells: 'family', topics: ['network'] },
    volumes: { tells: 'size_bytes', topics: ['volumes'] },
    software: { tells: 'version', topics: ['software'] },
    patches: { tells: 'available_version', topics: ['patches'], windows: ['update_list'], wine: ['patches: what the update agent finds'] },
    pending_reboot: { tells: 'pending', topics: ['reboot'] },
    services: { tells: 'state', topics: ['services'] },
    sessions: { tells: 'user', topics: ['sessions'], windows: ['wts_session'] },
    last_login: { tells: 'user', topics: ['sessions'], asks: 'last_login', windows: [] },
    cpu: { tells: 'used_percent', topics: ['performance'], asks: 'cpu' },
    load: { tells: 'load_1', topics: ['performance'], asks: 'load' },
    memory: { tells: 'used_bytes', topics: ['performance'], asks: 'memory' },
    swap: { tells: 'total_bytes', topics: ['performance'], asks: 'memory' },
    volume_usage: { tells: 'free_bytes', topics: ['volumes'] },
    disk_io: { tells: 'read_bytes_per_s', topics: ['performance'], asks: 'disks', windows: [] },
    network_io: { tells: 'received_bytes_per_s', topics: ['performance'], asks: 'network' },
    memory_modules: { tells: 'size_bytes', topics: ['memory_modules'], linux: ['memory_modules'], windows: ['memory_modules'] },
    gpus: { tells: 'model', topics: ['gpus'], linux: ['gpus', 'pci_ids'] },
    batteries: { tells: 'charge_percent', topics: ['batteries'], linux: ['batteries'], windows: ['windows: a battery'] },
    tpm: { tells: 'version', topics: ['tpms'], linux: ['tpm'], windows: ['windows: a TPM'] },
    sensors: { tells: 'kind', topics: ['sensors'], asks: 'describe', linux: ['sensors'] },
    temperatures: { tells: 'celsius', topics: ['sensors'], asks: 'temperatures', linux: ['sensors'] },
    fans: { tells: 'rpm', topics: ['sensors'], asks: 'fans', linux: ['sensors'] },
    processes: { tells: 'name', topics: ['processes'] },
    agent_health: { tells: 'resident_bytes', topics: ['own_usage'] },
    time_sync: { tells: 'synchronised', topics: ['time_sync'], windows: [] },
    firewall: { tells: 'filters_incoming', topics: ['firewall'], windows: ['firewall_rules'] },
    disk_encryption: { tells: 'encrypted', topics: ['disk_encryption'], linux: ['disk_encryption'], windows: ['bitlocker'] },
    certificates: { tells: 'not_after_ms', topics: ['certificates'], wine: ['certificates: what is in a store'] },
    files: { tells: 'exists', topics: ['files'] },
    file_ages: { tells: 'age_seconds', topics: ['files'] },
    drive_health: { tells: 'passed', topics: ['drive_health'], linux: smart, windows: [...smart, 'windows: the pages of an NVMe drive'] },
    drive_temperatures: { tells: 'celsius', topics: ['drive_health'], linux: smart, windows: [...smart, 'windows: the pages of an NVMe drive'] },
    system_log: { tells: 'kept_by', topics: ['system_log'], windows: ['log_position'] },
};

const XML_LETTERS = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

/** Names of the tests that passed, of what doctest's reporter "junit" says. */
export function passed(junit) {
    const names = new Set();
    for (const [, head, body] of junit.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)) {
        const name = /(?:^|\s)name="([^"]*)"/.exec(head)[1];
        if (!/<(failure|error|skipped)/.test(body ?? '')) names.add(name.replaceAll(/&(\w+);/g, (_, word) => XML_LETTERS[word]));
    }
    return names;
}

/** The arguments that make a test program run these tests and say so. A beginning has no comma, which parts them there. */
export const testArguments = (beginnings) => ['--reporters=junit', '--no-path-filenames',
    `--test-case=${beginnings.map((beginning) => `${beginning}*`).join(',')}`];

function runHere(words) {
    const program = join(ROOT, 'build/dev/tests/platform/platform_test');
    const { stdout, error } = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    if (error) throw error;
    return passed(stdout);
}

/** Runs the tests of parsers that a system relies on, here. */
export function runParserTests(system) {
    return runHere(testArguments(Object.values(PROBES).flatMap((probe) => probe[system] ?? [])));
}

/** The same where they have a folder of their own. */
export const runParserTestsOf = (folder) => runHere(['--reporters=junit', '--no-path-filenames', `--source-file=*tests/platform/${folder}/*`]);

const haveRun = (beginnings, tests) => beginnings.every((beginning) => [...tests].some((name) => name.startsWith(beginning)));
const isKnown = (cell) => cell !== undefined && cell !== null && typeof cell !== 'object';

/** Of a system on which the agent ran: what `rollcall-agent collect` printed, and the tests that passed. */
export function judge(system, collected, parserTests, wineTests = new Set()) {
    const levels = {};
    const silent = [];
    for (const [name, told] of Object.entries(collected.probes)) {
        const probe = PROBES[name];
        if (!probe) throw new Error(`tests/proof.mjs does not know the probe ${name}: add what it tells`);
        const answered = Object.values(told.rows ?? {}).some((row) => isKnown(row[probe.tells]));
        const own = system === 'windows' && probe.wine && haveRun(probe.wine, wineTests);
        if (answered || own) levels[name] = RUNS[system];
        else if (probe[system] && haveRun(probe[system], parserTests)) levels[name] = 'L';
        else if (told.unknown === 'not_supported' && !probe[system]) levels[name] = '-';
        else silent.push(`${name}: ${JSON.stringify(told).slice(0, 300)}`);
    }
    if (silent.length > 0) throw new Error(`these told nothing, and no test that passed stands for them:\n${silent.join('\n')}`);
    return levels;
}

/** One function of a class, from its first brace to the one that closes it; the whole where it is not there. */
export function functionOf(source, name) {
    const head = new RegExp(`\\b${name}\\([^)]*\\)\\s*const(?:\\s+override)?\\s*{`).exec(source);
    if (!head) return source;
    const begin = head.index + head[0].length;
    for (let at = begin, depth = 1; at < source.length; ++at) {
        if (source[at] === '{') ++depth;
        if (source[at] === '}' && --depth === 0) return source.slice(begin, at);
    }
    return source;
}

/** Does a body do more than to say that it is none? */
export function isBody(source) {
    const returned = [...source.replaceAll(/\/\/.*$/gm, '').matchAll(/\breturn\s+([^;]*);/g)].map(([, value]) => value.trim());
    return returned.some((value) => !/^(fail\(\s*errc::not_supported|std::make_unique<)/.test(value));
}

/** The parsers of its system that a body includes: those that have a test named after them. */
const parsersOf = (source, system) => [...source.matchAll(/#include "platform\/(\w+)\/(\w+)\.hpp"/g)]
    .filter(([, folder, name]) => folder === system && existsSync(join(ROOT, `tests/platform/${system}/${name}_test.cpp`)))
    .map(([, , name]) => name);

/** Of a system for which the agent was only linked: `built` says whether that is so of a topic's body. */
export function judgeLinked(system, built, parserTests) {
    const levels = {};
    for (const [name, { topics, asks }] of Object.entries(PROBES)) {
        const sources = topics.map((topic) => readFileSync(join(ROOT, `platform/${topic}_${system}.cpp`), 'utf8'));
        levels[name] = sources.every((source) => isBody(asks ? functionOf(source, asks) : source)) ? 'L' : '-';
        if (levels[name] === '-') continue;
        for (const topic of topics) if (!built(topic)) throw new Error(`${name}: the body of ${topic} was not built for ${SYSTEMS[system]}`);
        for (const parser of sources.flatMap((source) => parsersOf(source, system))) {
            // Their tests' names begin with the parser's.
            if (!haveRun([`${parser.replaceAll('_', ' ')}:`], parserTests) && !haveRun([`${parser}:`], parserTests)) {
                throw new Error(`${name}: no test of ${parser} passed`);
            }
        }
    }
    return levels;
}

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * Keeps what a run saw, and fails where the committed table says more or something else. Where the tests stand for a probe
 * whatever machine it is, a machine that shows more or less is no difference, and only told.
 */
export function record(system, levels, say = () => {}) {
    mkdirSync(RECORDS, { recursive: true });
    writeFileSync(join(RECORDS, `${system}.json`), `${JSON.stringify(levels, null, 4)}\n`);
    const committed = (existsSync(PROOF) ? readJson(PROOF) : {})[system] ?? {};
    const differences = [];
    for (const name of new Set([...Object.keys(committed), ...Object.keys(levels)])) {
        const [was, is] = [committed[name] ?? 'nothing', levels[name] ?? 'nothing'];
        if (was === is) continue;
        const line = `${name} on ${SYSTEMS[system]}: ${is}, and tests/proof.json says ${was}`;
        if (PROBES[name]?.[system] && RANKS[was] > 0 && RANKS[is] > 0) say(line);
        else differences.push(line);
    }
    if (differences.length > 0) {
        throw new Error(`${differences.join('\n')}\nWhere that is right: scripts/table, and commit what it changed.`);
    }
}

/** The table: a line for all that was proven alike, in the order of the catalogue. */
export function render(proof) {
    const systems = Object.keys(SYSTEMS);
    const names = [...new Set(systems.flatMap((system) => Object.keys(proof[system] ?? {})))];
    const lines = new Map();
    for (const name of names) {
        const cells = systems.map((system) => proof[system]?.[name] ?? '-').map((level) => (level === '-' ? '–' : level)).join(' | ');
        lines.set(cells, [...(lines.get(cells) ?? []), name]);
    }
    const rows = [...lines].map(([cells, alike]) => {
        const events = alike.filter((name) => name.startsWith('event ')).map((name) => name.slice('event '.length));
        const probes = alike.filter((name) => !name.startsWith('event '));
        const said = [probes.join(', '), events.length > 0 ? `events: ${events.join(', ')}` : ''].filter(Boolean).join('; ');
        return `| ${said} | ${cells} |\n`;
    });
    return `| probe | ${systems.map((system) => SYSTEMS[system]).join(' | ')} |\n| --- |${' --- |'.repeat(systems.length)}\n${rows.join('')}`;
}

function withTable(readme, table) {
    const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
    if (from < 0 || to < from) throw new Error('README.md has lost the lines between which the table stands');
    return readme.slice(0, from + BEGIN.length) + table + readme.slice(to);
}

/** Takes over what the tests recorded, system by system. */
function update() {
    const proof = existsSync(PROOF) ? readJson(PROOF) : {};
    const seen = existsSync(RECORDS) ? readdirSync(RECORDS) : [];
    for (const system of Object.keys(SYSTEMS)) {
        if (seen.includes(`${system}.json`)) proof[system] = readJson(join(RECORDS, `${system}.json`));
        else console.log(`${SYSTEMS[system]}: its tests recorded nothing here, so its column stays.`);
    }
    writeFileSync(PROOF, `${JSON.stringify(proof, null, 4)}\n`);
    writeFileSync(README, withTable(readFileSync(README, 'utf8'), render(proof)));
}

function check() {
    const readme = readFileSync(README, 'utf8');
    if (withTable(readme, render(readJson(PROOF))) === readme) return;
    const line = readme.slice(0, readme.indexOf(BEGIN)).split('\n').length;
    console.log(`README.md:${line}: its table is not what tests/proof.json says\n    Run the tests, then scripts/table.`);
    process.exitCode = 1;
}

/** Is there an object of this source among those that a preset built for platform, or of one that joins it with others? */
function isCompiled(preset, source) {
    const objects = join(ROOT, 'build', preset, 'platform/CMakeFiles/rollcall_platform.dir');
    if (existsSync(join(objects, `${source}.o`))) return true;
    const joined = join(objects, 'Unity');
    return existsSync(joined) && readdirSync(joined).some((name) => existsSync(join(joined, `${name}.o`))
        && readFileSync(join(joined, name), 'utf8').includes(`/platform/${source}"`));
}

/** Was the body of a topic compiled for both processors, and linked into what a Mac gets? */
export function builtForMac(topic) {
    if (!existsSync(join(ROOT, 'build/macos/rollcall-agent'))) return false;
    return ['macos-arm64', 'macos-x86_64'].every((preset) => isCompiled(preset, `${topic}_macos.cpp`));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    if (process.argv[2] === '--check') check();
    else update();
}
