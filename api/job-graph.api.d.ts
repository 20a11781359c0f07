// The public surface of @millrace/job-graph. Printed by `npm run api`; review every change of it.
