import assert from 'node:assert/strict';
import {homedir} from 'node:os';
import {join, resolve} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {cacheFolder, configFolder, stateFolder} from '../../../protocol/program/user-folders.ts';

const skip = process.platform !== 'linux' && 'only Linux knows XDG folders';

suite('folders of this user', () => {
  test('are those that the variables of jangada name', () => {
    assert.equal(stateFolder({JANGADA_STATE: 'x/state'}), resolve('x/state'));
    assert.equal(configFolder({JANGADA_CONFIG: 'x/config'}), resolve('x/config'));
    assert.equal(configFolder({JANGADA_CONFIG: '~/x'}), join(homedir(), 'x'));
    assert.throws(() => configFolder({JANGADA_CONFIG: '~bob/x'}), {code: 'usage'});
  });

  test('are in absolute XDG folders', {skip}, () => {
    assert.equal(stateFolder({XDG_STATE_HOME: '/s'}), '/s/jangada');
    assert.equal(configFolder({JANGADA_CONFIG: '', XDG_CONFIG_HOME: '/c'}), '/c/jangada');
    assert.equal(cacheFolder({XDG_CACHE_HOME: '/k'}), '/k/jangada');
  });

  for (const base of ['relative', './c', '~/c', '', undefined]) {
    test(`are below the home folder where an XDG folder is ${base}`, {skip}, () => {
      assert.equal(stateFolder({XDG_STATE_HOME: base}), join(homedir(), '.local/state/jangada'));
      assert.equal(configFolder({XDG_CONFIG_HOME: base}), join(homedir(), '.config/jangada'));
      assert.equal(cacheFolder({XDG_CACHE_HOME: base}), join(homedir(), '.cache/jangada'));
    });
  }
});
