#!/usr/bin/env node
/** Starts the `jangada` program with code that was compiled before: only what is imported after that is. */
import '../protocol/program/supported-node.ts';
import process from 'node:process';
import {keepCompiledCode} from './compiled-code.ts';

keepCompiledCode(process.env);
await import('./cli.ts');
