/** Telemetry that leaves the hub (docs/telemetry.md): traces by OTLP. Figures are /metrics. */
export { Exporter, message, type Span } from './otlp.ts';
export { type Begun, Tracer } from './tracer.ts';
