"""Product footprints as PACT Technical Specifications 3.0 exchange them: data model and events."""
