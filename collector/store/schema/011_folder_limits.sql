-- Released: never change this file. What comes later is a new migration beside it.

-- Folders that a technician or a token is limited to, beside the customers: what lies in them is meant, too. Who loses
-- the last one sees nothing.
CREATE TABLE technician_folder (
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    PRIMARY KEY (technician_id, folder_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX technician_folder_by_folder ON technician_folder (folder_id);

CREATE TABLE api_token_folder (
    api_token_id TEXT NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    PRIMARY KEY (api_token_id, folder_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_folder_by_folder ON api_token_folder (folder_id);
