#!/usr/bin/env node
/**
 * Starts the `jangada` program with code that an earlier run has compiled. Only modules that are imported after that
 * call benefit.
 */
import '../protocol/program/node/refuse-old-node.ts';
import process from 'node:process';
import {keepCompiledCode} from './compiled-code.ts';

keepCompiledCode(process.env);
await import('./cli.ts');
