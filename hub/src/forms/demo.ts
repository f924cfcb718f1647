import type { FormsPorts } from './ports.ts';
export async function demoForms(_ports: FormsPorts): Promise<void> {}
