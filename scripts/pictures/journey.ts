/** Operates the real program in its own terminal, and records the screens. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {cp, mkdir, mkdtemp, open, readdir, rm, utimes} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {setTimeout as wait} from 'node:timers/promises';
import type {KeyName} from '../../test/fixtures/key-bytes.ts';
import {Terminal} from '../../test/fixtures/terminal.ts';
import type {Shade} from './colours.ts';
import type {Frame} from './draw.ts';

const root = path.join(import.meta.dirname, '..', '..');
/** Bytes per second: slow enough to watch the download of the largest file. */
const rate = '2M';

export type Size = {readonly columns: number; readonly rows: number};

/** The frames of the whole tour, and the frames for separate pictures. */
export type Journey = {
  readonly tour: readonly Frame[];
  readonly stills: Readonly<Record<'browse' | 'transfer' | 'verify', Frame>>;
};

/** Browse, mark, download, damage a file here, verify it, repair it. */
export async function travel(size: Size, shade: Shade): Promise<Journey> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'jangada-pictures-'));
  stack.defer(() => rm(folder, {recursive: true, force: true}));
  const shared = path.join(folder, 'files');
  const home = path.join(folder, 'home');
  await cp(path.join(root, 'files'), shared, {recursive: true});
  await spreadTimes(shared);
  await mkdir(path.join(home, 'downloads'), {recursive: true});
  const address = await serve(shared, stack);
  const terminal = Terminal.start(
    {after: end => stack.defer(end)},
    [process.execPath, program('jangada'), address],
    {
      ...size,
      folder: path.join(home, 'downloads'),
      environment: {
        HOME: home,
        JANGADA_STATE: path.join(folder, 'state'),
        FORCE_COLOR: '3',
        COLORTERM: 'truecolor',
        JANGADA_THEME: shade,
      },
    },
  );
  return await walk(terminal, path.join(home, 'downloads'));
}

async function walk(terminal: Terminal, saved: string): Promise<Journey> {
  const tour: Frame[] = [];
  const see = (ms: number): Frame => {
    const frame = {cells: terminal.cells, ms};
    tour.push(frame);
    return frame;
  };
  const press = async (key: KeyName | {text: string}, ms: number): Promise<Frame> => {
    terminal.press(key);
    // The program draws the screen at most 60 times a second.
    await wait(150);
    return see(ms);
  };
  const pressed = async (text: string, count: number, ms: number): Promise<Frame> => {
    let frame = see(0);
    for (let i = 0; i < count; i++) {
      frame = await press({text}, ms);
    }

    return frame;
  };

  await terminal.waitFor(/LEIA-ME\.txt/);
  await wait(300);
  see(1500);
  await pressed('j', 2, 300);
  await press('enter', 600);
  await terminal.waitFor(/2025\//);
  await pressed('j', 1, 400);
  await press('enter', 600);
  await terminal.waitFor(/boneco\.jpg/);
  await pressed('j', 1, 300);
  await press('space', 500);
  const browse = await press('space', 1200);
  await press('backspace', 600);
  await press('backspace', 600);
  await terminal.waitFor(/mar\//);
  await pressed('j', 1, 400);
  await press('space', 700);
  terminal.type('d');
  await terminal.waitFor(/done|verified/);
  let transfer = see(400);
  for (let shown = 0; shown < 12; shown++) {
    await wait(250);
    const frame = see(250);
    transfer = shown === 5 ? frame : transfer;
  }

  await terminal.waitFor(text => !/\d %.*\/s/.test(text));
  await wait(400);
  see(1500);
  await damage(path.join(saved, 'mar', 'mar.bin'));
  // Marking an entry moves the cursor to the next one.
  await pressed('k', 1, 400);
  await press('enter', 700);
  await terminal.waitFor(/ondas\.txt +\d/);
  await press({text: 'v'}, 600);
  const verdict = /differs|[Nn]ot the same/;
  await terminal.waitFor(verdict);
  await wait(300);
  const verify = see(2500);
  await press('tab', 700);
  await press({text: 'R'}, 900);
  await terminal.waitFor(text => !verdict.test(text) || /Press v again/.test(text));
  await wait(1500);
  see(800);
  await press({text: 'v'}, 600);
  await terminal.waitFor(text => !verdict.test(text));
  await wait(300);
  see(3000);
  terminal.type('q');
  await terminal.ended();
  return {tour: tour.filter(({ms}) => ms > 0), stills: {browse, transfer, verify}};
}

/** Flip bytes in the middle of a file, like a bad disk. */
async function damage(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.write(Buffer.alloc(64, 'x'), 0, 64, 2_500_000);
  } finally {
    await handle.close();
  }
}

/** Give files different times: files of a real folder were not all written in the same second. */
async function spreadTimes(folder: string): Promise<void> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  for (const [index, entry] of entries.entries()) {
    const time = new Date(Date.now() - (index % 11) ** 3 * 5_400_000);
    await utimes(path.join(entry.parentPath, entry.name), time, time);
  }
}

async function serve(folder: string, stack: AsyncDisposableStack): Promise<string> {
  const words = [folder, '--port', '0', '--limit', rate, '--log-level', 'silent'];
  const child = spawn(process.execPath, [program('jangada-server'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stack.defer(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const [address] = await once(createInterface({input: child.stdout}), 'line');
  return String(address);
}

function program(name: string): string {
  return path.join(root, 'dist', `${name}.js`);
}
