-- Durable jobs. Open jobs are `queued` and `running`; the others are history and are pruned.
CREATE TABLE jobs.job (
  id text PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  kind text NOT NULL,
  lane text NOT NULL,
  params jsonb NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  progress jsonb,
  -- The last state from which the job can go on.
  checkpoint jsonb,
  result jsonb,
  error jsonb,
  -- Runs so far, whatever ended them.
  attempt integer NOT NULL DEFAULT 0,
  -- Runs that ended in a fault that may pass by itself.
  retries integer NOT NULL DEFAULT 0,
  -- Runs in a row, without a checkpoint between, that ended because the process was gone.
  orphaned integer NOT NULL DEFAULT 0,
  unique_key text,
  submitted_by text,
  cancel_requested boolean NOT NULL DEFAULT false,
  submitted_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  -- The process that runs it and its last sign of life, by the database's clock.
  worker text,
  heartbeat_at timestamptz
);

CREATE UNIQUE INDEX job_open_unique ON jobs.job (kind, unique_key)
  WHERE unique_key IS NOT NULL AND state IN ('queued', 'running');
CREATE INDEX job_open ON jobs.job (lane, seq) WHERE state IN ('queued', 'running');
CREATE INDEX job_finished ON jobs.job (finished_at) WHERE finished_at IS NOT NULL;
