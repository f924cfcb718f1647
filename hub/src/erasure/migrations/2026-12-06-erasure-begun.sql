-- What a room held when its step began, as counts by place: a hub that is killed in the middle still tells the whole.
CREATE TABLE erasure.begun (
  matter int NOT NULL REFERENCES erasure.matter (id),
  step text NOT NULL,
  found jsonb NOT NULL,
  PRIMARY KEY (matter, step)
);
