// The public surface of @millrace/testing. Printed by `npm run api`; review every change of it.
