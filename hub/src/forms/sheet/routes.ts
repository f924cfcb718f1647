import type { RouteDefinition } from '../../platform/http/index.ts';
import type { FormsPorts } from '../ports.ts';
export const sheetRoutes = (_ports: FormsPorts): RouteDefinition[] => [];
