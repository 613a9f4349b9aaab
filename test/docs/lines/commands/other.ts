/** Lines of docs/commands.md about help, JSON, completion, and the sentences for a screen reader. */
import assert from 'node:assert/strict';
import {readFileSync, rmSync, truncateSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {readPage} from '../page.ts';
import {type Line, printed} from '../test-page.ts';
import {empty, likeness, type, write} from '../typing.ts';
import type {Place} from './place.ts';

const marked = 'Marked: 2 files, 62.8 MB.';
const markedRow =
  'big-3.bin, 50.3 MB, changed today 18:12, the file here differs, marked. 3 of 17.';
const halfWay = 'big-1.bin: 50 %.';
const complete = 'big-1.bin: verified.';

export const otherLines: Record<string, Line<Place>> = {
  async 'jangada help options'(place, line) {
    assert.match(await type(place, line), /--delete-partial/);
  },
  async 'jangada-server --help'(place, line) {
    assert.equal(await type(place, 'jangada serve --help'), await type(place, line));
  },

  async "jangada list --json | sed '$d'"(place, line) {
    const entries = JSON.parse(await type(place, line)) as {name: string}[];
    assert.ok(entries.some(({name}) => name === 'disk.img'));
    const event = JSON.parse(await type(place, 'jangada list --json | tail -n 1'));
    assert.equal(event.outcome, 'success');
  },

  async "echo 'source <(jangada completion bash)' >> ~/.bashrc"(place, line) {
    await type(place, line);
    assert.match(await type(place, '. ~/.bashrc && complete -p jangada'), /^complete .* jangada$/m);
  },
  async "echo 'source <(jangada completion zsh)' >> ~/.zshrc"(place, line) {
    await type(place, line);
    assert.equal(
      readFileSync(join(place.home, '.zshrc'), 'utf8'),
      'source <(jangada completion zsh)\n',
    );
    assert.match(await type(place, 'jangada completion zsh'), /^#compdef jangada|compdef /m);
  },
  async 'jangada completion fish > ~/.config/fish/completions/jangada.fish'(place, line) {
    // On a machine where fish has been started once, this folder exists.
    const script = join(place.home, '.config/fish/completions/jangada.fish');
    write(script, '');
    await type(place, line);
    assert.match(readFileSync(script, 'utf8'), /^complete -c jangada/m);
  },

  async 'Folder fotos of files.example.org:1234, 17 entries, sorted by name.'(place, line) {
    serveBig(place);
    write(join(place.work, 'fotos/big-3.bin'), 'another');
    const screen = place.screen(
      'jangada files.example.org --screen-reader --limit 3M --compress never',
    );
    await screen.waitFor(/^fotos, folder, /m);
    screen.press('enter');
    const says = (sentence: string) => screen.waitFor(likeness(sentence));
    await says(line);
    screen.type('jjv');
    await screen.waitFor(/^big-3\.bin differs/m);
    screen.type('1 ');
    await screen.waitFor(/^Marked: 1 file, 50\.3 MB\.$/m);
    screen.type('gj ');
    await says(marked);
    screen.type('j');
    await says(markedRow);
    screen.type('\\gjd');
    await says(halfWay);
    await says(complete);
    screen.type('q');
    assert.equal((await screen.ended()).status, 0);
    empty(place.work);
  },
  ...Object.fromEntries([markedRow, marked, halfWay, complete].map(line => [line, printed])),

  async 'jangada config'(place, line) {
    const [{text = ''} = {}] = readPage('commands').blocks.filter(
      ({language}) => language === 'jsonc',
    );
    const file = join(place.home, '.config/jangada/config.json');
    write(file, text);
    const shown = await type(place, line);
    for (const setting of ['theme +dark', 'limits.connections +8', 'limits.speed +10 ?M.*']) {
      assert.match(shown, new RegExp(`^${setting} +line \\d$`, 'm'));
    }

    rmSync(file);
  },
};

/** Serve the folder that the sentences describe: files of today, the first and the third of them large. */
function serveBig(place: Place): void {
  const folder = join(place.own.srv, 'example/fotos');
  const sizes = [12_500_000, 1, 50_300_000, ...Array.from({length: 14}, () => 2)];
  const changed = new Date();
  changed.setHours(18, 12, 0, 0);
  for (const [index, size] of sizes.entries()) {
    const file = join(folder, `${index < 3 ? 'big' : 'small'}-${index + 1}.bin`);
    write(file, '');
    truncateSync(file, size);
    utimesSync(file, changed, changed);
  }
}
