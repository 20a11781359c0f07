// The public surface of @millrace/checkpoint. Printed by `npm run api`; review every change of it.
