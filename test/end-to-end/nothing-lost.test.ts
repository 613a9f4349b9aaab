import assert from 'node:assert/strict';
import {statSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {startServer} from '../../server/server.ts';
import {freePort} from '../fixtures/free-port.ts';
import {treeOf} from '../fixtures/harness.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {startJangada, startJourney} from './journey.ts';

const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
];

// Without this variable a test run has no colours.
const environment = {FORCE_COLOR: '3'};

/** Whether the first letter of the first `name` on the screen is faint. */
function isFaint({rows, cells}: Terminal, name: string): boolean | undefined {
  const row = rows.findIndex(line => line.includes(name));
  return cells[row]?.[rows[row]?.indexOf(name) ?? 0]?.faint;
}

for (const size of sizes) {
  const at = `at ${size.columns} x ${size.rows}`;

  for (const inside of [true, false]) {
    const order = inside
      ? 'd on a file and then on its folder'
      : 'd on a folder and then on its file';
    test(`${order} save to one place, ${at}`, async t => {
      const {root, target, server, jangada} = await startJourney(t, {
        files: {'album/boat.txt': 'a raft', 'album/page.txt': 'a page'},
      });
      const screen = jangada([server.address], size);
      const goInside = async () => {
        await screen.waitFor(/▌ . album\//);
        screen.press('right');
        await screen.waitFor(/Files \/album [\s\S]*▌ . boat\.txt/);
      };
      await screen.waitFor(/▌ . album\//);
      if (inside) {
        await goInside();
      }

      screen.type('d');
      await screen.waitFor(inside ? /1 done/ : /2 done/);
      const {ino} = statSync(join(target, 'album/boat.txt'));
      if (inside) {
        screen.press('left');
        await screen.waitFor(/▌ . album\//);
      } else {
        await goInside();
      }

      // The program finds the existing copy, from either folder, and saves no second one.
      screen.type('d');
      await screen.waitFor(inside ? /2 done/ : /boat\.txt is here already, and the same/);
      assert.deepEqual(treeOf(target), treeOf(root));
      assert.equal(statSync(join(target, 'album/boat.txt')).ino, ino);
    });
  }

  test(`the screen counts marks that a filter hides, and asks about them before it downloads, ${at}`, async t => {
    const {target, server, jangada} = await startJourney(t, {
      files: {'anchor.txt': 'a', 'boat.txt': 'b', 'crew.txt': 'c'},
    });
    const screen = jangada([server.address], size);
    await screen.waitFor(/1 of 3/);
    screen.type('  /crew');
    await screen.waitFor(/2 marked ones hidden/);
    screen.press('enter');
    await screen.waitFor(text => !/▌.*boat/.test(text) && /crew\.txt/.test(text));
    screen.type(' d');
    await screen.waitFor(/Marked, but not shown: 2 entries[\s\S]*anchor\.txt, boat\.txt/);
    screen.type('n');
    await screen.waitFor(text => !text.includes('Marked, but not shown'));
    assert.deepEqual([...treeOf(target).keys()], []);
    screen.type('d');
    await screen.waitFor(/Marked, but not shown: 2 entries/);
    screen.type('s');
    await screen.waitFor(/1 done|✓ crew\.txt/);
    assert.deepEqual([...treeOf(target).keys()], ['crew.txt']);
    // The other files are still marked.
    screen.type('d');
    await screen.waitFor(/Marked, but not shown: 2 entries/);
    screen.type('a');
    // By then no file is renamed any more while the folder is read.
    await screen.waitFor(/3 done/);
    assert.deepEqual([...treeOf(target).keys()].sort(), ['anchor.txt', 'boat.txt', 'crew.txt']);
  });

  test(`a key without a meaning says so, once, ${at}`, async t => {
    const {server, jangada} = await startJourney(t, {files: {'a.txt': 'a', 'b.txt': 'b'}});
    const screen = jangada([server.address], size);
    await screen.waitFor(/1 of 2/);
    screen.type('z');
    await screen.waitFor(/z does nothing here\. Press \? for the keys\./);
    screen.type('Q');
    await screen.waitFor(/Q does nothing here/);
    screen.type('z');
    screen.press('down');
    const text = await screen.waitFor(/▌ +b\.txt/);
    assert.doesNotMatch(text, /z does nothing here/);
  });

  test(`without a connection the rows stay, in grey, and a line says when the client tries again, ${at}`, async t => {
    const {root, target} = await startJourney(t, {files: {'a.txt': 'a', 'b.txt': 'b'}});
    const port = await freePort();
    const server = await startServer({root, port});
    const screen = startJangada(t, [server.address, '--to', target], {...size, environment});
    await screen.waitFor(/1 of 2 [\s\S]*b\.txt/);
    // Not `a.txt`: the row with the cursor has colours of its own.
    assert.equal(isFaint(screen, 'b.txt'), false);
    await server.close({graceMs: 0});
    await screen.waitFor(/✗ Not connected, trying again in \d+s\./);
    assert.equal(isFaint(screen, 'b.txt'), true);
    const again = await startServer({root, port});
    t.after(() => again.close({graceMs: 0}));
    await screen.waitFor(text => /b\.txt/.test(text) && !/onnect/.test(text));
    assert.equal(isFaint(screen, 'b.txt'), false);
  });
}
