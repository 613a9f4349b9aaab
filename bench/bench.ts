/**
 * Measures how long Jangada takes, compared with other programs for the same task: bench/README.md.
 *
 *     npm run bench -- --list
 *     npm run bench -- large-tmpfs small --rounds 5
 */
import {mkdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {checkLinks} from './link/check-link.ts';
import {type Options, readOptions, usage} from './options.ts';
import {missingOf, packageOf} from './peers/programs.ts';
import {log} from './report/lines.ts';
import {writeResults} from './report/results.ts';
import {goalsTable, rowTable} from './report/table.ts';
import {type Verdict, verdictsOf} from './report/verdicts.ts';
import {links} from './rows/long-rows.ts';
import type {Row} from './rows/row.ts';
import {isInMemory, makeFolder} from './running/places.ts';
import {type Hall, type RowResult, runRow} from './running/run-row.ts';

async function main(options: Options): Promise<void> {
  switch (options.task) {
    case 'list':
      return listRows(options);
    case 'links':
      await checkLinks(links, options.isQuick);
      return;
    case 'rows':
      return await runRows(options);
  }
}

function listRows({rows, scale}: Options): void {
  for (const {name, about, recipe, others} of rows) {
    const names = others.map(({than}) => than.name);
    const beside = names.length === 0 ? '' : `; beside ${names.join(', ')}`;
    console.log(`${name.padEnd(26)}${recipe.at(scale).about} ${about}${beside}`);
  }
}

/** The exit status is 1 if a program failed or left a wrong result; a missed goal is not a failure. */
async function runRows(options: Options): Promise<void> {
  const {rows, dir, disk, scale, isQuick, out} = options;
  const {signal} = interruption;
  tellWhatIsMissing(rows);
  if (!isInMemory(dir)) {
    log(`${dir} is not in memory: rows that should run in memory measure its disk`);
  }

  const needed = new Set(rows.map(({link}) => link?.roundTripMs));
  const checked = await checkLinks(
    links.filter(({roundTripMs}) => needed.has(roundTripMs)),
    isQuick,
  );
  using memory = makeFolder(dir);
  using onDisk = disk === undefined ? undefined : makeFolder(disk);
  const results: RowResult[] = [];
  const verdicts: Verdict[] = [];
  let made: string | undefined;
  const source = path.join(memory.path, 'source');
  for (const row of rows) {
    const data = row.recipe.at(scale);
    if (made !== row.recipe.name) {
      log(`Making ${data.about}`);
      await rm(source, {recursive: true, force: true});
      await mkdir(source);
      await data.make(source);
      made = row.recipe.name;
    }

    const hall: Hall = {...options, data, source, memory: memory.path, disk: onDisk?.path, signal};
    try {
      const result = await runRow(row, hall);
      results.push(result);
      verdicts.push(...verdictsOf(result));
      console.log(rowTable(result));
    } catch (error) {
      if (signal.aborted) {
        break;
      }

      // The other rows can still be measured.
      log(`${row.name} failed: ${messageOf(error)}`);
      process.exitCode = 1;
    }
  }

  if (results.length === 0) {
    return;
  }

  console.log(`\nGoals\n${goalsTable(verdicts)}`);
  const short = verdicts.filter(({share}) => share !== undefined && share < 1);
  const judged = verdicts.filter(({share}) => share !== undefined);
  console.log(`\n${judged.length - short.length} of ${judged.length} goals are met`);
  for (const file of await writeResults(out, {options, results, verdicts, links: checked})) {
    console.log(file);
  }
}

function tellWhatIsMissing(rows: readonly Row[]): void {
  const needed = new Set(rows.flatMap(({others}) => others.flatMap(({than}) => than.needs)));
  const missing = missingOf([...needed]);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(packageOf))];
    log(`Not installed: ${missing.join(', ')} (apt-get install ${packages.join(' ')})`);
  }
}

function readOrExplain(words: readonly string[]): Options | undefined {
  try {
    return readOptions(words);
  } catch (error) {
    log(`${messageOf(error)}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Ends the running program; the exit path cleans up and writes the results so far.
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => interruption.abort());
}

const options = readOrExplain(process.argv.slice(2));
if (options !== undefined) {
  await main(options);
}
