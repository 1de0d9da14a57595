import { Tabs } from '@mantine/core';
import type { InstallLine, TokenMade } from '../../api/types';
import { WarningNotice } from '../../parts/Notice';
import { CommandBox } from './CommandBox';
import classes from './enrol.module.css';

const SYSTEMS: Record<string, { label: string; where: string }> = {
  linux: { label: 'Linux', where: 'Run this on the machine, with sudo or as root.' },
  windows: { label: 'Windows', where: 'Run this on the machine, in a PowerShell opened with “Run as administrator”.' },
  macos: { label: 'macOS', where: 'Run this on the Mac, in Terminal.' },
};

/** The line for each system, and the token by itself for tools that roll packages out. */
export function InstallTabs({ made }: { made: TokenMade }) {
  return (
    <>
      <Tabs defaultValue={made.install[0]?.system} keepMounted={false}>
        <Tabs.List aria-label="System of the machine">
          {made.install.map(({ system }) => (
            <Tabs.Tab key={system} value={system}>
              {SYSTEMS[system]?.label ?? system}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {made.install.map((line) => (
          <Tabs.Panel key={line.system} value={line.system} pt="sm" className={classes.panel}>
            {line.missing ? <ByHand line={line} made={made} /> : <OneLine line={line} />}
          </Tabs.Panel>
        ))}
      </Tabs>
      <details className={classes.token}>
        <summary>Only the token, for tools that roll out packages</summary>
        <CommandBox command={made.word} name="Token" />
      </details>
    </>
  );
}

function OneLine({ line }: { line: InstallLine }) {
  return (
    <>
      <p className={classes.lead}>{SYSTEMS[line.system]?.where} It is shown only now.</p>
      <CommandBox command={line.command} />
      <p className={classes.small}>
        Installs agent {line.version}, fetched from this collector and checked. It believes this collector’s present
        key: once its certificate was renewed, make a new command.
      </p>
    </>
  );
}

/** There is no release for it: as it always works, with a package that somebody brought there. */
function ByHand({ line, made }: { line: InstallLine; made: TokenMade }) {
  return (
    <>
      <WarningNotice>{line.missing}.</WarningNotice>
      {line.system === 'linux' ? (
        <>
          <p className={classes.lead}>
            Or install the agent’s package by hand, then run this as root on the machine. It is shown only now.
          </p>
          <CommandBox command={made.command} />
        </>
      ) : (
        <p className={classes.lead}>Or install the agent’s package by hand and give it the token below.</p>
      )}
    </>
  );
}
