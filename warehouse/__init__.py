"""What is stored: tables, measures, generations. The one contract between ETL and dashboard."""
