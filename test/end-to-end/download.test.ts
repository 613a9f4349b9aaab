import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {noise, treeOf, until} from '../fixtures/harness.ts';
import {startGate} from './gate.ts';
import {MiB, startJourney} from './journey.ts';

test('marked files and folders arrive with rising progress, and every byte is right', async t => {
  const big = noise(6 * MiB + 12_345);
  const {root, server, target, jangada} = await startJourney(t, {
    files: {
      'folder/page.txt': 'page',
      'folder/deep/empty': '',
      'big.bin': big,
      'left-out.txt': 'not this one',
      'small.txt': 'small',
    },
  });
  const gate = await startGate(t, server);
  const screen = jangada([gate.address]);
  await screen.waitFor(/1 of 4 ─/);
  screen.press('space', 'space', 'down', 'space');
  await screen.waitFor(/● 3 marked · 6\.3 MB and 1 folder/);
  gate.shut();
  let allowed = 0;
  const allow = (bytes: number) => {
    allowed += bytes;
    gate.allow(bytes);
  };
  screen.type('d');
  // A slow trickle, until the screen shows a rate.
  const trickle = setInterval(() => allow(8192), 100);
  t.after(() => clearInterval(trickle));
  await screen.waitFor(/Queued 4 files to /);
  await screen.waitFor(/▼ [\d.]+ [kM]B\/s/);
  clearInterval(trickle);
  const before = Math.ceil(allowed / MiB);
  assert.ok(before <= 3, `${allowed} bytes, and no speed`);
  for (let blocks = before; blocks <= 5; blocks++) {
    allow((blocks + 0.5) * MiB - allowed);
    const least = Math.floor((blocks * MiB * 100) / big.length);
    const most = (allowed * 100) / big.length;
    await screen.waitFor(text => {
      const percent = Number(/[◜◠◝◞◡◟] big\.bin .* (\d+) %/.exec(text)?.[1]);
      return percent >= least && percent <= most;
    });
  }

  gate.open();
  await screen.waitFor(/4 done/);
  await screen.waitFor(/ idle\n/);
  // When the transfers pane has the keys, it shows all rows.
  screen.type('3');
  const text = await screen.waitFor(/✓ empty {2}folder\/deep +verified +0 B/);
  assert.match(text, /✓ big\.bin +verified +6\.3 MB/);
  // No file is marked any more, and the row of a file says that it is the same.
  assert.doesNotMatch(text, /marked/);
  assert.match(text, /small\.txt .* ✓ same/);
  const served = treeOf(root);
  served.delete('left-out.txt');
  assert.deepEqual(treeOf(target), served);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
});

test('p pauses a transfer and continues it; x cancels and deletes; R tries again', async t => {
  const content = noise(8 * MiB);
  const {server, keep, saved, jangada} = await startJourney(t, {
    files: {'boat.bin': content, 'sea.bin': noise(3 * MiB, 2)},
  });
  const gate = await startGate(t, server);
  // One file at a time, so that the second waits.
  const screen = jangada([gate.address, '--connections', '1']);
  await screen.waitFor(/1 of 2 ─/);
  gate.shut();
  gate.allow(3.5 * MiB);
  screen.type('ad');
  await screen.waitFor(/[◜◠◝◞◡◟] boat\.bin .* 43 %[\s\S]*· sea\.bin +waiting/);
  screen.type('3p');
  await screen.waitFor(/‖ boat\.bin .* 37 % +3\.15 \/ 8\.39 MB +paused ─ p goes on/);
  const partial = saved('boat.bin.jangada-part');
  assert.ok(partial?.subarray(0, 3 * MiB).equals(content.subarray(0, 3 * MiB)));
  // The other file can run now.
  gate.allow(1.5 * MiB);
  await screen.waitFor(/[◜◠◝◞◡◟] sea\.bin/);
  screen.type('p');
  await screen.waitFor(/· boat\.bin +waiting|[◜◠◝◞◡◟] boat\.bin/);
  gate.open();
  await screen.waitFor(/✓ boat\.bin +verified, 3\.15 MB were here/);
  await screen.waitFor(/2 done/);
  assert.ok(saved('boat.bin')?.equals(content));

  // Clear the rows, fetch the file again, and cancel it in the middle.
  screen.type('c');
  await screen.waitFor(/Nothing is queued\./);
  keep('boat.bin', 'changed since');
  gate.shut();
  gate.allow(3.5 * MiB);
  screen.press({text: '1'}, 'home', {text: 'd'});
  await screen.waitFor(/Here already: boat\.bin/);
  screen.type('o');
  await screen.waitFor(/[◜◠◝◞◡◟] boat\.bin .* 43 %/);
  screen.type('3x');
  await screen.waitFor(/Cancel boat\.bin\?[\s\S]*3\.15 MB of it are in a partial here/);
  screen.press('escape');
  await screen.waitFor(text => !text.includes('Cancel boat') && /[◜◠◝◞◡◟] boat\.bin/.test(text));
  screen.type('x');
  await screen.waitFor(/Cancel boat\.bin\?/);
  // The letter that opened the question deletes nothing when it is pressed again.
  screen.type('xd');
  await screen.waitFor(/− boat\.bin +canceled/);
  await until(() => saved('boat.bin.jangada-part') === undefined);
  assert.equal(`${saved('boat.bin')}`, 'changed since', 'what was to be overwritten is as it was');

  gate.open();
  screen.type('R');
  await screen.waitFor(/✓ boat\.bin +verified/);
  assert.ok(saved('boat.bin')?.equals(content));
  assert.equal(saved('boat.bin.jangada-part'), undefined);
});

test('a failed transfer says why, and R tries again when the reason is gone', async t => {
  const {keep, saved, target, jangada} = await startJourney(t, {
    files: {'boat.txt': 'a raft', 'sea.txt': 'salt'},
  });
  // A folder has the name of the file.
  keep('boat.txt/inside', 'x');
  const screen = jangada();
  await screen.waitFor(/1 of 2 ─/);
  screen.type('ad');
  await screen.waitFor(/✗ boat\.txt +failed: \S.*[\s\S]*✓ sea\.txt +verified/);
  assert.equal(`${saved('boat.txt/inside')}`, 'x');
  rmSync(join(target, 'boat.txt'), {recursive: true});
  screen.type('3');
  screen.press('home', {text: 'R'});
  await screen.waitFor(/✓ boat\.txt +verified/);
  assert.equal(`${saved('boat.txt')}`, 'a raft');
});

test('files that are marked in several folders all arrive', async t => {
  const {root, target, jangada} = await startJourney(t, {
    files: {'one/page.txt': 'first', 'two/page.txt': 'second'},
  });
  const screen = jangada();
  await screen.waitFor(/1 of 2 ─/);
  for (const folder of ['one', 'two']) {
    await screen.waitFor(new RegExp(`▌ . ${folder}/`));
    screen.press('right');
    await screen.waitFor(new RegExp(`Files /${folder} [\\s\\S]*▌ . page\\.txt`));
    screen.press('space', 'left');
    await screen.waitFor(new RegExp(`▌ . ${folder}/`));
    screen.press('down');
  }

  await screen.waitFor(/● 2 marked/);
  screen.type('d');
  await screen.waitFor(/2 done/);
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('quitting during a transfer asks; the partial file stays, and the next run continues it', async t => {
  const content = noise(8 * MiB);
  const {server, saved, jangada} = await startJourney(t, {files: {'boat.bin': content}});
  const gate = await startGate(t, server);
  const screen = jangada([gate.address]);
  await screen.waitFor(/1 of 1 ─/);
  gate.shut();
  gate.allow(4.5 * MiB);
  screen.type('d');
  await screen.waitFor(/[◜◠◝◞◡◟] boat\.bin .* 56 %/);
  screen.type('q');
  const text = await screen.waitFor(/Quit\?/);
  assert.match(text, /Running: 1 transfer\. Waiting: 0 transfers\./);
  assert.match(text, /- boat\.bin/);
  assert.match(text, /Transfers continue when you start jangada[\s\S]*jangada[ │\n]+queue run/);
  screen.type('n');
  await screen.waitFor(text => !text.includes('Quit?') && /[◜◠◝◞◡◟] boat\.bin/.test(text));
  screen.type('q');
  await screen.waitFor(/Quit\?/);
  screen.type('y');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
  assert.doesNotMatch(screen.text, /Saved/);
  const partial = saved('boat.bin.jangada-part');
  assert.ok(partial?.subarray(0, 4 * MiB).equals(content.subarray(0, 4 * MiB)));
  assert.equal(saved('boat.bin'), undefined);

  gate.open();
  const next = jangada([gate.address]);
  await next.waitFor(/✓ boat\.bin +verified, 4\.19 MB were here/);
  assert.ok(saved('boat.bin')?.equals(content));
  assert.equal(saved('boat.bin.jangada-part'), undefined);
  next.type('q');
  await next.ended();
  next.assertRestored();
  assert.match(next.text, /^Saved \S+boat\.bin$/m);
});
