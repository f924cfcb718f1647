-- Receivers of persons who were erased: told which records of their grant to delete, until they say that they did.
CREATE TABLE sharing.erasure_duty (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  erasure integer NOT NULL,
  share integer NOT NULL REFERENCES sharing.share (id),
  requester text NOT NULL,
  -- Numbers of the records as the receiver has them (column _record of the files).
  records text[] NOT NULL,
  deliveries integer[] NOT NULL,
  told_at timestamptz NOT NULL,
  due date,
  acknowledged_at timestamptz,
  login text,
  statement text,
  overdue_at timestamptz,
  UNIQUE (erasure, share)
);
CREATE INDEX erasure_duty_open ON sharing.erasure_duty (requester) WHERE acknowledged_at IS NULL;
-- What stands for a delivered file from which records were cut; null: removed whole.
CREATE TABLE sharing.cut_file (
  delivery integer NOT NULL REFERENCES sharing.delivery (id),
  turn integer NOT NULL,
  original text NOT NULL,
  replacement text,
  bytes bigint,
  records integer NOT NULL,
  erasure integer NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (delivery, turn)
);
