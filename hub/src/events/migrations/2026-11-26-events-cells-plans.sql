-- Plans of functions are kept by a session for as long as it lives: one made while the tables were empty would read all of them for every change.
ALTER FUNCTION events.cell_of(text, text, text, text, text, text[], text, text, boolean, boolean, boolean) SET enable_seqscan = off;
ALTER FUNCTION events.add_cells(events.event[], events.event[]) SET enable_seqscan = off;
