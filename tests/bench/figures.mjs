// The figures of a run: told as a table while they come, and kept as JSON.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg, cpus } from 'node:os';
import { join } from 'node:path';

export class Figures {
    #rows = [];

    /** `reach`: what the figure should be at most, or at least where `least` is set; undefined: only told. */
    add(what, value, unit, { reach, least = false, limit, note = '' } = {}) {
        const ratio = limit === undefined ? undefined : value / limit;
        const judged = reach === undefined ? undefined : least ? value >= reach : value <= reach;
        const load = loadavg()[0];
        this.#rows.push({ what, value, unit, reach, reached: judged, limit, ratio, load_1min: load, note });
        const told = [`${what}: ${round(value)} ${unit}`];
        if (reach !== undefined) told.push(`(${least ? '≥' : '≤'} ${reach}: ${judged ? 'reached' : 'NOT reached'})`);
        if (limit !== undefined) told.push(`limit in this run ${round(limit)}, ratio ${round(ratio)}`);
        if (note) told.push(note);
        console.log(`${told.join(' ')} [load ${load.toFixed(1)}]`);
    }

    /** Writes them to FOLDER/NAME-VERSION.json and prints the table. */
    keep(folder, name, version) {
        mkdirSync(folder, { recursive: true });
        const file = join(folder, `${name}-${version}.json`);
        const processor = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown';
        writeFileSync(file, JSON.stringify({ version, at: new Date().toISOString(), processor, cores: cpus().length,
            figures: this.#rows }, null, 2) + '\n');
        console.log('\n| what | figure | reach | limit in this run | ratio | load |\n| --- | --- | --- | --- | --- | --- |');
        for (const row of this.#rows)
            console.log(`| ${row.what} | ${round(row.value)} ${row.unit} | ${row.reach ?? ''} | ` +
                `${row.limit === undefined ? '' : round(row.limit)} | ${row.ratio === undefined ? '' : round(row.ratio)} | ` +
                `${row.load_1min.toFixed(1)} |`);
        console.log(`\nKept in ${file}`);
    }
}

const round = (value) => Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
