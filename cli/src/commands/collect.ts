import type { Command } from 'commander';
export function collectCommands(_jingwei: Command): void {}
